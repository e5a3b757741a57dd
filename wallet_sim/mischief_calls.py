"""One call of a wallet to the issuer that it signs in at; tests may change each part of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from keys.jose import public_jwk, x5c_header
from keys.ports import Signer
from openid4vc.oauth.attesting import ATTESTATION_TYPE, POP_TYPE
from openid4vc.oauth.dpop import PROOF_TYPE, token_hash
from wallet_sim.mischief_receiving import Proof

LIFETIME: Final = timedelta(hours=12)
Form = dict[str, str]
Headers = list[tuple[str, str]]
ATTESTATION: Final = "OAuth-Client-Attestation"
POP: Final = "OAuth-Client-Attestation-PoP"


class Step(StrEnum):
    """Where in the flow."""

    PUSH = "par"
    REDEEM = "token"
    REFRESH = "refresh"
    ASK = "credential"

    @property
    def path(self) -> str:
        """The endpoint, below the issuer identifier."""
        return "token" if self is Step.REFRESH else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a wallet knows when it makes one call.

    Attributes:
        provider: vouches for it.
        instance: the key that is vouched for.
        key: the key that tokens are bound to.
        issuer: the issuer identifier.
        nonce: what the server gave for the next call.
        new_id: makes a fresh random name.
        access_token: where one is shown.
    """

    provider: Signer
    instance: Signer
    key: Signer
    client_id: str
    issuer: str
    at: datetime
    nonce: str
    new_id: Callable[[], str]
    access_token: str | None = None

    def attestation(self) -> Proof:
        """Return an honest wallet attestation."""
        header = {"typ": ATTESTATION_TYPE, "x5c": x5c_header(self.provider.certificate_chain)}
        claims = {
            "sub": self.client_id,
            "iat": self._seconds(),
            "exp": self._seconds() + int(LIFETIME.total_seconds()),
            "cnf": {"jwk": public_jwk(self.instance.public_key)},
        }
        return Proof(self.provider, header, claims)

    def pop(self) -> Proof:
        """Return an honest proof that this is the wallet attested."""
        claims = {"aud": self.issuer, "jti": self.new_id(), "iat": self._seconds()}
        return Proof(self.instance, {"typ": POP_TYPE}, claims)

    def dpop(self, path: str) -> Proof:
        """Return an honest proof of the key that tokens are bound to."""
        header = {"typ": PROOF_TYPE, "jwk": public_jwk(self.key.public_key)}
        claims: dict[str, object] = {
            "jti": self.new_id(),
            "htm": "POST",
            "htu": f"{self.issuer}/{path}",
            "iat": self._seconds(),
            "nonce": self.nonce,
        }
        if self.access_token is not None:
            claims["ath"] = token_hash(self.access_token)
        return Proof(self.key, header, claims)

    def _seconds(self) -> int:
        return int(self.at.timestamp())


def _as_it_is(proof: Proof) -> Proof:
    return proof


@dataclass(frozen=True, slots=True, kw_only=True)
class AddingManners:
    """How a wallet makes one call; the defaults are the honest way.

    Attributes:
        place: changes what the wallet goes by.
        attestation, pop, dpop: change what it shows.
        headers: the last word on the headers.
        form: changes the message, where it is a form.
        times_sent: how often the very same call is made.
        times_made: how often the call is made anew.
    """

    place: Callable[[Place], Place] = field(default=lambda place: place)
    attestation: Callable[[Proof], Proof] = _as_it_is
    pop: Callable[[Proof], Proof] = _as_it_is
    dpop: Callable[[Proof], Proof] = _as_it_is
    headers: Callable[[Headers], Headers] = field(default=lambda headers: headers)
    form: Callable[[Form], Form] = field(default=lambda form: form)
    times_sent: int = 1
    times_made: int = 1

    def shown(self, step: Step, place: Place) -> Headers:
        """Return the headers of one call."""
        place = self.place(place)
        shown = [("DPoP", self.dpop(place.dpop(step.path)).text())]
        if place.access_token is not None:
            shown.append(("Authorization", f"DPoP {place.access_token}"))
        if step is not Step.ASK:
            shown.append((ATTESTATION, self.attestation(place.attestation()).text()))
            shown.append((POP, self.pop(place.pop()).text()))
        return self.headers(shown)


def claims(**changes: object) -> Callable[[Proof], Proof]:
    """Put other claims into what is shown; None takes one out."""
    return lambda proof: proof.with_claims(**changes)


def moved(by: timedelta, *names: str) -> Callable[[Proof], Proof]:
    """Make a proof at another time."""

    def later(proof: Proof) -> Proof:
        times = {name: proof.claims[name] for name in names}
        return proof.with_claims(
            **{
                name: time + int(by.total_seconds())
                for name, time in times.items()
                if isinstance(time, int)
            }
        )

    return later


def signed_by(signer: Signer) -> Callable[[Proof], Proof]:
    """Sign with another key."""
    return lambda proof: replace(proof, signer=signer)


def without(*names: str) -> Callable[[Headers], Headers]:
    """Leave headers out."""
    return lambda headers: [one for one in headers if one[0] not in names]


def twice(name: str) -> Callable[[Headers], Headers]:
    """Send a header twice."""
    return lambda headers: headers + [one for one in headers if one[0] == name]


def form(**changes: str | None) -> Callable[[Form], Form]:
    """Change the form; None takes a parameter out."""

    def changed(found: Form) -> Form:
        whole = {**found, **changes}
        return {name: value for name, value in whole.items() if value is not None}

    return changed


def as_bearer(headers: Headers) -> Headers:
    """Show a token as if nothing bound it."""
    shown = dict(headers)
    token = shown["Authorization"].partition(" ")[2]
    return [("Authorization", f"Bearer {token}")]


def with_private_part(proof: Proof) -> Proof:
    """Put a private part into the key in the header."""
    jwk = proof.header["jwk"]
    if not isinstance(jwk, dict):
        raise TypeError("an honest proof has its key in the header")
    return proof.with_header(jwk={**jwk, "d": "AA"})


def attesting_private_part(proof: Proof) -> Proof:
    """Put a private part into the key that is vouched for."""
    cnf = proof.claims["cnf"]
    if not isinstance(cnf, dict):
        raise TypeError("an honest attestation names a key")
    return proof.with_claims(cnf={"jwk": {**cnf["jwk"], "d": "AA"}})


def by(provider: Signer) -> Callable[[Place], Place]:
    """Have another provider vouch."""
    return lambda place: replace(place, provider=provider)


def with_instance(instance: Signer) -> Callable[[Place], Place]:
    """Use another key than the one before, vouched for like it."""
    return lambda place: replace(place, instance=instance)


def with_key(key: Signer) -> Callable[[Place], Place]:
    """Use another key than the one before for tokens."""
    return lambda place: replace(place, key=key)
