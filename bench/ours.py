"""Our side, and the cryptography that nobody can do without."""

import os
from binascii import b2a_base64
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from bench.case import AUDIENCE, ISSUER_URL, NONCE, ORG, STATUS, VCT_INTEGRITY, Case
from bench.race import Runner, runner
from credential_schemas.loader import load_catalogue
from openid4vc.dcql.profiles import query_for
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding, bind
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from openid4vc.sd_jwt.vc import VcContent, issue_vc
from openid4vc.sd_jwt.verify import Expected, IssuersOnTrustList, verify
from openid4vc.status_list.bits import StatusList
from openid4vc.status_list.forms import Form, ListToken
from openid4vc.status_list.token import sign_status_list
from verifier.model import Verdict
from verifier.usecases.check_presentation import CheckPresentation, ExpectedResponse
from verifier.usecases.status_book import StatusBook
from verifier.usecases.trust_keeper import TrustKeeper

LIMIT = "the cryptography alone"
OURS = "Kykylompakko"
NINE_CHECKS = "Kykylompakko, all nine checks"

_ES256 = ec.ECDSA(Prehashed(hashes.SHA256()))


def ours(case: Case) -> Runner:
    """Return issuing, presenting (from the stored text) and verifying by `openid4vc`."""
    credential, presentation = samples(case)
    content, signer = _content(case), case.issuer
    expected = Expected(
        issuer=IssuersOnTrustList(case.pki.trust_list),
        at=case.now,
        key_binding=ExpectedKeyBinding(audience=AUDIENCE, nonce=NONCE, at=case.now),
    )
    return runner(
        OURS,
        issue=lambda: issue_vc(content, signer=signer, random_bytes=os.urandom),
        present=lambda: _present(case, credential),
        verify=lambda: verify(presentation, expected),
    )


def nine_checks(case: Case) -> Runner:
    """Return verifying by the verifier's use case, trust list and status list held and fresh."""
    catalogue = load_catalogue()
    check = CheckPresentation(
        catalogue=catalogue,
        trust=TrustKeeper(
            source=_TrustAtHand(case.pki.trust_list_jws),
            store=_TrustAtHand(case.pki.trust_list_jws),
            operator_anchors=[case.pki.operator_anchor],
            clock=_Stopped(case.now),
        ),
        status=StatusBook(_StatusAtHand(case)),
    )
    query = query_for(catalogue.profiles["te_initial_interview"], catalogue)
    expected = ExpectedResponse(query=query, client_id=AUDIENCE, nonce=NONCE, at=case.now)
    vp_token = {query.credentials[0].id: [samples(case)[1]]}

    def work() -> Verdict:
        return _without_waiting(check(vp_token, expected))

    verdict = work()
    assert verdict.outcome is None, verdict.code
    return runner(NINE_CHECKS, verify=work)


def cryptography_alone(case: Case) -> Runner:
    """Return the same signatures, salts and digests over the same bytes, and nothing else.

    Issuing: one signature; for each disclosure 16 random bytes and a SHA-256 digest, each in
    base64url. Presenting: one signature and one digest. Verifying: two signature checks, a digest
    for each disclosure shown, and one over the presentation.
    """
    credential, presentation = samples(case)
    held, shown = parse(credential), parse(presentation)
    assert shown.key_binding is not None
    all_texts = [each.text.encode() for each in held.disclosures]
    shown_texts = [each.text.encode() for each in shown.disclosures]
    bound = shown.without_key_binding.encode()
    issued, proof = held.jws.signing_input, shown.key_binding.jws.signing_input
    issuer_key, holder_key = ec.generate_private_key(ec.SECP256R1()), case.holder.private_key
    issuer_signature = issuer_key.sign(sha256(issued).digest(), _ES256)
    holder_signature = holder_key.sign(sha256(proof).digest(), _ES256)
    issuer_public, holder_public = issuer_key.public_key(), holder_key.public_key()

    def issue() -> None:
        issuer_key.sign(sha256(issued).digest(), _ES256)
        for text in all_texts:
            b2a_base64(os.urandom(16), newline=False)
            b2a_base64(sha256(text).digest(), newline=False)

    def present() -> None:
        holder_key.sign(sha256(proof).digest(), _ES256)
        b2a_base64(sha256(bound).digest(), newline=False)

    def verify_() -> None:
        issuer_public.verify(issuer_signature, sha256(issued).digest(), _ES256)
        holder_public.verify(holder_signature, sha256(proof).digest(), _ES256)
        for text in (*shown_texts, bound):
            b2a_base64(sha256(text).digest(), newline=False)

    return runner(LIMIT, issue=issue, present=present, verify=verify_)


def samples(case: Case) -> tuple[str, str]:
    """Return a credential and a presentation of it."""
    credential = issue_vc(_content(case), signer=case.issuer, random_bytes=os.urandom)
    return credential, _present(case, credential)


def _content(case: Case) -> VcContent:
    return VcContent(
        vct=case.example["vct"],
        issuer=ISSUER_URL,
        claims=case.example["claims"],
        always=case.always,
        issued_on=case.now.date(),
        expires_at=case.expires_at,
        holder_jwk=case.holder_jwk,
        status=STATUS,
        vct_integrity=VCT_INTEGRITY,
        whole=frozenset() if case.recursive else frozenset(case.hidden),
    )


def _present(case: Case, credential: str) -> str:
    shown = select(parse(credential), [(name,) for name in case.wanted])
    return bind(shown, signer=case.holder, audience=AUDIENCE, nonce=NONCE, at=case.now)


def _without_waiting(work: Coroutine[object, None, Verdict]) -> Verdict:
    """Run what never has to wait, because all of it is at hand."""
    try:
        work.send(None)
    except StopIteration as done:
        verdict = done.value
        assert isinstance(verdict, Verdict)
        return verdict
    raise AssertionError("it waits for something")


@dataclass(frozen=True)
class _Stopped:
    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class _TrustAtHand:
    text: str

    async def read(self) -> str:
        return self.text

    async def load(self) -> str | None:
        return self.text

    async def save(self, text: str, *, sequence: int) -> None:
        raise AssertionError(f"nothing is saved here: {len(text)} characters of {sequence}")

    async def highest_sequence(self) -> int:
        return 0


@dataclass(frozen=True)
class _StatusAtHand:
    case: Case

    async def fetch(self, uri: str) -> ListToken:
        text = sign_status_list(
            StatusList(100_000),
            uri=uri,
            issued_at=self.case.now,
            expires_at=self.case.now + timedelta(days=1),
            ttl=timedelta(hours=1),
            signer=self.case.pki.signer(ORG, "status-list"),
        )
        return ListToken(Form.JWT, text.encode())
