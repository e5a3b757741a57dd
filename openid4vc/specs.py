"""Every clause that a check of this room can cite, under one short name each."""

from enum import StrEnum


class Section(StrEnum):
    """A citable clause: document and section, as a reader would look it up."""

    # SD-JWT
    RFC9901_4 = "RFC 9901 4"
    RFC9901_4_1 = "RFC 9901 4.1"
    RFC9901_4_1_1 = "RFC 9901 4.1.1"
    RFC9901_4_2_1 = "RFC 9901 4.2.1"
    RFC9901_4_2_4 = "RFC 9901 4.2.4"
    RFC9901_4_3 = "RFC 9901 4.3"
    RFC9901_7_1 = "RFC 9901 7.1"
    RFC9901_7_2 = "RFC 9901 7.2"
    RFC9901_7_3 = "RFC 9901 7.3"
    RFC9901_9_3 = "RFC 9901 9.3"
    RFC9901_9_4 = "RFC 9901 9.4"
    RFC9901_9_7 = "RFC 9901 9.7"

    # SD-JWT VC
    SD_JWT_VC_2_2_1 = "SD-JWT VC 2.2.1"
    SD_JWT_VC_2_2_2_1 = "SD-JWT VC 2.2.2.1"
    SD_JWT_VC_2_2_2_2 = "SD-JWT VC 2.2.2.2"
    SD_JWT_VC_2_2_2_3 = "SD-JWT VC 2.2.2.3"
    SD_JWT_VC_2_5 = "SD-JWT VC 2.5"
    SD_JWT_VC_7_7 = "SD-JWT VC 7.7"
    HAIP_6_1 = "OpenID4VC HAIP 1.0 6.1"
    TRUST_LIST = "Kykylompakko trust list: validity of an entry"

    # Token Status List
    TSL_4_1 = "Token Status List 4.1"
    TSL_4_2 = "Token Status List 4.2"
    TSL_5_1 = "Token Status List 5.1"
    TSL_6_2 = "Token Status List 6.2"
    TSL_7_1 = "Token Status List 7.1"
    TSL_8_3 = "Token Status List 8.3"
    TSL_11_1 = "Token Status List 11.1"
