"""Chains that held before hold again: same anchors, same use, and only in their time."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509

from keys.chain_memory import ChainMemory, Question
from keys.checks import (
    AnchorInChain,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateProfileWrong,
    ChainNotTrusted,
)
from keys.x509 import LeafProfile, ValidatedChain, validate_chain
from tests.keys.certificate_kit import authority, leaf
from tests.keys.keys_kit import AT, pki

CA, OTHER_CA = authority(), authority("other")
ANCHOR, OTHER_ANCHOR = CA.issue(), OTHER_CA.issue()
ANCHORS = (ANCHOR,)
LEAF = leaf()
CHAIN = (LEAF.der(CA),)
SIGNER = LeafProfile.CREDENTIAL_SIGNER
SECOND = timedelta(seconds=1)


def validate(
    chain=CHAIN, *, anchors=ANCHORS, at: datetime = AT, profile: LeafProfile = SIGNER
) -> ValidatedChain:
    return validate_chain(chain, anchors, at=at, profile=profile)


def test_the_same_question_has_the_same_answer() -> None:
    assert validate() is validate(tuple(bytes(bytearray(der)) for der in CHAIN))


@pytest.mark.req("HAIP-15", "VCT-07")
@pytest.mark.parametrize(
    ("at", "failure"),
    [
        (LEAF.begins - SECOND, CertificateNotYetValid),
        (LEAF.ends + SECOND, CertificateExpired),
    ],
)
def test_dates_are_judged_at_each_use(at: datetime, failure: type[Exception]) -> None:
    validate()
    with pytest.raises(failure):
        validate(at=at)
    validate()


def test_an_authority_that_ends_first_ends_the_answer() -> None:
    short = authority("short")
    short = replace(short, ends=AT + SECOND)
    anchors = (short.issue(),)
    chain = (leaf().der(short),)
    validate(chain, anchors=anchors)
    with pytest.raises(CertificateExpired):
        validate(chain, anchors=anchors, at=AT + 2 * SECOND)


@pytest.mark.req("VCT-07")
def test_another_trust_list_is_asked_anew() -> None:
    validate()
    with pytest.raises(ChainNotTrusted):
        validate(anchors=(OTHER_ANCHOR,))


def test_equal_anchors_are_another_trust_list() -> None:
    first = validate(anchors=(ANCHOR, OTHER_ANCHOR))
    assert validate(anchors=(ANCHOR, OTHER_ANCHOR, ANCHOR)[:2]) is not first


def test_an_anchor_listed_since_may_not_be_in_the_chain() -> None:
    root = authority("root").with_extension(
        "basic", x509.BasicConstraints(ca=True, path_length=1), critical=True
    )
    chain = (leaf().der(CA), CA.der(root))
    validate(chain, anchors=(root.issue(),))
    with pytest.raises(AnchorInChain):
        validate(chain, anchors=(root.issue(), ANCHOR))


def test_another_use_is_asked_anew() -> None:
    validate()
    with pytest.raises(CertificateProfileWrong):
        validate(profile=LeafProfile.STATUS_LIST_SIGNER)


def test_a_list_that_may_change_is_not_remembered() -> None:
    anchors = [ANCHOR]
    validate(anchors=anchors)
    anchors[:] = [OTHER_ANCHOR]
    with pytest.raises(ChainNotTrusted):
        validate(anchors=anchors)


def test_what_fails_pushes_nothing_out() -> None:
    first = validate()
    for _ in range(300):
        with pytest.raises(ChainNotTrusted):
            validate((leaf().der(OTHER_CA),))
    assert validate() is first


def test_the_one_not_asked_for_longest_goes_first() -> None:
    memory: ChainMemory[int] = ChainMemory(2)
    questions = [Question((bytes([number]),), ANCHORS, SIGNER) for number in range(3)]

    def known() -> list[int | None]:
        return [memory.recall(question, at=AT) for question in questions]

    def keep(number: int) -> None:
        memory.keep(questions[number], number, begins=AT, ends=AT)

    keep(0)
    keep(1)
    assert memory.recall(questions[0], at=AT) == 0
    keep(2)
    assert known() == [0, None, 2]
    keep(0)
    assert known() == [0, None, 2]


def test_answers_hold_on_to_their_anchors() -> None:
    """An id is given again after its owner is gone; a kept owner is never gone."""
    memory: ChainMemory[str] = ChainMemory(1)
    memory.keep(Question(CHAIN, (ANCHOR, ANCHOR)[:2], SIGNER), "found", begins=AT, ends=AT)
    for _ in range(100):
        assert memory.recall(Question(CHAIN, (OTHER_ANCHOR, ANCHOR)[:2], SIGNER), at=AT) is None


def test_a_trust_list_names_its_anchors_by_one_tuple() -> None:
    trust_list = pki().trust_list
    assert trust_list.issuing_anchors() is trust_list.issuing_anchors()
    closed = replace(trust_list, issuers=trust_list.issuers[:1])
    assert closed.issuing_anchors() == trust_list.issuers[0].issuing_anchors
