"""Every clause that this room enforces, so that a failure can cite it."""

from enum import StrEnum


class Section(StrEnum):
    """A citable clause: the member says where to look, the value is what people read."""

    RFC5280_4_1 = "RFC 5280 4.1 (certificate fields)"
    RFC5280_4_1_2_5 = "RFC 5280 4.1.2.5 (validity)"
    RFC5280_4_2 = "RFC 5280 4.2 (extensions)"
    RFC5280_6_1 = "RFC 5280 6.1 (path validation)"
    RFC7515_3_1 = "RFC 7515 3.1 (compact serialisation)"
    RFC7515_4_1_6 = "RFC 7515 4.1.6 (x5c)"
    RFC7515_4_1_11 = "RFC 7515 4.1.11 (crit)"
    RFC7515_5_2 = "RFC 7515 5.2 (signature validation)"
    RFC7516_3_1 = "RFC 7516 3.1 (compact serialisation)"
    RFC7516_5_2 = "RFC 7516 5.2 (decryption)"
    RFC7518_6_2 = "RFC 7518 6.2 (elliptic-curve keys)"
    RFC8259_4 = "RFC 8259 4 (unique names), 9 (parser limits)"
    RFC8725_3_1 = "RFC 8725 3.1 (algorithm chosen by the verifier)"
    RFC8725_3_11 = "RFC 8725 3.11 (explicit typing)"
    RFC8949_4_1 = "RFC 8949 4.1 (preferred serialisation), 5.3 (validity)"
    RFC9052_4_2 = "RFC 9052 3 (headers), 4.2 (COSE_Sign1)"
    RFC9180_5 = "RFC 9180 5 (hybrid public key encryption)"
    NIST_SP_800_38D = "NIST SP 800-38D (AES-GCM)"
    HAIP_6_1_1 = "HAIP 1.0 6.1.1 (x5c without the anchor)"
    TS119602_6 = "ETSI TS 119 602 6 (list of trusted entities)"
    TS119602_6_3_17 = "ETSI TS 119 602 6.3 (list and scheme information)"
    TS119602_ANNEX = "ETSI TS 119 602 annexes D-H (list and service types)"
    FETCH_RULES = "Kykylompakko: outgoing requests"
    KEY_STORE_RULES = "Kykylompakko: key store"
