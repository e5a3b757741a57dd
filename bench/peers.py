"""Other people's libraries with the same claims and keys. What differs is said in `DIFFERENCES`."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jwcrypto.jwk import JWK  # type: ignore[import-untyped]  # has no types
from openvc.keys import P256SigningKey
from openvc.proof.sd_jwt import SdJwtVcProofSuite, VerifiedSdJwt
from sd_jwt.common import SDObj  # type: ignore[import-untyped]  # has no types
from sd_jwt.holder import SDJWTHolder  # type: ignore[import-untyped]  # has no types
from sd_jwt.issuer import SDJWTIssuer  # type: ignore[import-untyped]  # has no types
from sd_jwt.verifier import SDJWTVerifier  # type: ignore[import-untyped]  # has no types

from bench.case import AUDIENCE, NONCE, Case
from bench.race import OPERATIONS, Operation, Runner, runner
from keys.jose import public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.sd_jwt.parse import parse
from tools.node import find_node

SD_JWT = "sd-jwt (PyPI)"
OPENVC = "openvc-core (PyPI)"
NPM = "@sd-jwt/sd-jwt-vc (npm, node)"
DIFFERENCES = {
    SD_JWT: "checks no dates, no typ, no chain, no trust list, no status; key handed to it",
    OPENVC: "hides whole top-level claims only; its holder cannot select, so we did, unmeasured;"
    " checks dates and typ, no chain, no trust list, no status; key handed to it",
    NPM: "without the status claim, whose list it would fetch; WebCrypto of its own"
    " crypto-nodejs package; no chain, no trust list; keys handed to it",
}

_PEER = Path(__file__).with_name("peer.mjs")
_NODE_MODULES = Path(__file__).parents[1] / "tests/interop/npm/node_modules"


def sd_jwt(case: Case) -> Runner:
    """Return the reference implementation in Python."""
    issuer, holder = (_jwk(signer) for signer in (case.issuer, case.holder))
    public = JWK.from_pem(
        case.issuer.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    claims = {
        SDObj(name) if name in case.hidden else name: _hiding_parts(value, case)
        if name in case.hidden
        else value
        for name, value in case.claims().items()
    }
    wanted = dict.fromkeys(case.wanted, True)

    def issue() -> str:
        header = {"typ": "dc+sd-jwt", "x5c": _x5c(case)}
        made = SDJWTIssuer(claims, issuer, holder_key=holder, extra_header_parameters=header)
        return str(made.sd_jwt_issuance)

    credential = issue()

    def present() -> str:
        wallet = SDJWTHolder(credential)
        wallet.create_presentation(wanted, NONCE, AUDIENCE, holder)
        return str(wallet.sd_jwt_presentation)

    presentation = present()

    def verify() -> dict[str, object]:
        check = SDJWTVerifier(presentation, lambda _iss, _header: public, AUDIENCE, NONCE)
        return cast(dict[str, object], check.get_verified_payload())

    assert set(case.wanted) <= set(verify())
    return runner(SD_JWT, issue=issue, present=present, verify=verify)


def openvc(case: Case) -> Runner:
    """Return openvc-core; for a case without hidden parts."""
    assert not case.recursive
    suite = SdJwtVcProofSuite()
    issuer, holder = (_openvc_key(signer) for signer in (case.issuer, case.holder))
    issuer_jwk = public_jwk(case.issuer.public_key)
    claims, chain = case.claims(), _x5c(case)

    def issue() -> str:
        return suite.issue(
            claims,
            signing_key=issuer,
            disclosable=case.hidden,
            holder_jwk=case.holder_jwk,
            vct=claims["vct"],
            x5c=chain,
        )

    held = parse(issue())
    texts = (each.text for each in held.disclosures if each.name in case.wanted)
    selected = "~".join((held.jws.text, *texts, ""))

    def present() -> str:
        return suite.create_presentation(
            selected, holder_key=holder, audience=AUDIENCE, nonce=NONCE
        )

    presentation = present()

    def verify() -> VerifiedSdJwt:
        return suite.verify(
            presentation,
            public_key_jwk=issuer_jwk,
            audience=AUDIENCE,
            nonce=NONCE,
            require_key_binding=True,
        )

    assert set(case.wanted) <= set(verify().claims)
    return runner(OPENVC, issue=issue, present=present, verify=verify)


@contextmanager
def npm(case: Case) -> Iterator[Runner | None]:
    """Give the npm library in a Node.js process that works only when asked; None without it."""
    node = find_node()
    if node is None or not (_NODE_MODULES / "@sd-jwt").is_dir():
        yield None
        return
    with subprocess.Popen(
        [node.node, _PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        ask = _line_by_line(process)
        ask(_npm_set_up(case))

        def rate(operation: Operation) -> Callable[[float], float]:
            return lambda seconds: ask({"operation": operation, "seconds": seconds})

        yield Runner(NPM, {operation: rate(operation) for operation in OPERATIONS})


def _line_by_line(process: "subprocess.Popen[str]") -> Callable[[object], float]:
    def ask(question: object) -> float:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            raise RuntimeError("peer.mjs ended")
        return float(json.loads(answer))

    return ask


def _npm_set_up(case: Case) -> dict[str, Any]:
    claims = {name: value for name, value in case.claims().items() if name != "status"}
    frame: dict[str, Any] = {"_sd": case.hidden}
    for name in case.hidden if case.recursive else ():
        if isinstance(claims[name], dict):
            frame[name] = {"_sd": list(claims[name])}
        elif isinstance(claims[name], list):
            frame[name] = {"_sd": list(range(len(claims[name])))}
    shown = {name: _all_of(claims[name]) if case.recursive else True for name in case.wanted}
    return {
        "claims": claims,
        "frame": frame,
        "shown": shown,
        "header": {"x5c": _x5c(case)},
        "issuer": {
            "private": _private_jwk(case.issuer),
            "public": public_jwk(case.issuer.public_key),
        },
        "holder": {"private": _private_jwk(case.holder), "public": case.holder_jwk},
        "audience": AUDIENCE,
        "nonce": NONCE,
    }


def _all_of(value: object) -> bool | dict[str, bool]:
    if isinstance(value, list):
        return dict.fromkeys(map(str, range(len(value))), True)
    return dict.fromkeys(map(str, value), True) if isinstance(value, dict) else True


def _hiding_parts(value: object, case: Case) -> object:
    if case.recursive and isinstance(value, dict):
        return {SDObj(name): part for name, part in value.items()}
    if case.recursive and isinstance(value, list):
        return [SDObj(part) for part in value]
    return value


def _x5c(case: Case) -> list[str]:
    return [b64encode(der).decode() for der in case.issuer.certificate_chain]


def _pem(signer: SoftwareSigner) -> bytes:
    return signer.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _jwk(signer: SoftwareSigner) -> JWK:
    return JWK.from_pem(_pem(signer))


def _private_jwk(signer: SoftwareSigner) -> dict[str, str]:
    jwk = _jwk(signer).export_private(as_dict=True)
    return {name: jwk[name] for name in ("kty", "crv", "x", "y", "d")}


def _openvc_key(signer: SoftwareSigner) -> P256SigningKey:
    return P256SigningKey.from_pem(_pem(signer), kid="key-1")
