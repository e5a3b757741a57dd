"""Named misbehaviours of a wallet, for tests and for training at the desk.

An honest wallet answers by ``HONEST``. Each misbehaviour replaces one step and names the check
that must catch it. Nothing here helps a real attack: each is caught by a verifier that checks.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from keys import strict_json
from keys.box import BoxKey
from keys.checks import BoxBroken, DecryptionFailed
from keys.jose import b64url_encode
from keys.ports import Signer
from openid4vc.checks import (
    DisclosureUnreferenced,
    KbAudienceMismatch,
    KbNonceMismatch,
    KbSdHashMismatch,
    KbSignatureInvalid,
    KbStale,
    KeyBindingMissing,
)
from openid4vc.dcql.errors import (
    PresentationNotAsked,
    QueryNotSatisfied,
    TooManyPresentations,
)
from openid4vc.openid4vp.errors import (
    MalformedVpToken,
    ResponseNotEncrypted,
    StateMismatch,
)
from openid4vc.qr.challenge import Challenge
from openid4vc.qr.errors import AnswerToAnotherChallenge
from openid4vc.sd_jwt.key_binding import bind
from openid4vc.sd_jwt.model import UnverifiedSdJwt, WantedPath
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from wallet_sim.mischief_answers import (
    Answer,
    each_twice,
    for_another_state,
    in_the_clear,
    sealed,
    to_another_key,
    under_another_id,
    without_array,
    without_state,
)

STALE_BY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Binding:
    """What a key-binding JWT is made from."""

    signer: Signer
    audience: str
    nonce: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a wallet presents; the defaults are the honest way.

    Attributes:
        choose: takes the credential and the wanted places, returns the text to present.
        before_binding: changes that text.
        binding: changes what the key-binding JWT says.
        after_binding: changes the whole presentation.
        sealing: makes the form that carries the answer over the network.
        times_sent: how often the same answer is posted.
        challenge: changes the challenge that an answer on the screen is made for.
    """

    choose: Callable[[UnverifiedSdJwt, Collection[WantedPath]], str] = select
    before_binding: Callable[[str], str] = field(default=lambda text: text)
    binding: Callable[[Binding], Binding] = field(default=lambda binding: binding)
    after_binding: Callable[[str], str] = field(default=lambda text: text)
    sealing: Callable[[Answer], dict[str, str]] = sealed
    times_sent: int = 1
    challenge: Callable[[Challenge], Challenge] = field(default=lambda challenge: challenge)

    def presentation(
        self, sd_jwt: UnverifiedSdJwt, wanted: Collection[WantedPath], binding: Binding
    ) -> str:
        """Return one presentation: chosen disclosures and a key-binding JWT (RFC 9901 4.3)."""
        chosen = self.before_binding(self.choose(sd_jwt, wanted))
        made = self.binding(binding)
        bound = bind(
            chosen, signer=made.signer, audience=made.audience, nonce=made.nonce, at=made.at
        )
        return self.after_binding(bound)


HONEST = Manners()


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehaviour:
    """One way to misbehave, and the stable code of the check that must catch it.

    ``code`` is a failure's code, except ``over_disclosed`` (the verifier keeps only what it asked
    for) and ``replayed`` (the verifier takes one answer to a request).
    """

    name: str
    manners: Manners
    code: str


def tamper_disclosure(presented: str) -> str:
    """Return the SD-JWT with the value in its last disclosure replaced."""
    disclosures = parse(presented).disclosures
    if not disclosures:
        return presented
    found = disclosures[-1]
    changed: list[object] = [found.salt, "changed on the way"]
    if found.name is not None:
        changed.insert(1, found.name)
    forged = b64url_encode(strict_json.dumps(changed))
    return presented[: -len(found.text) - 1] + forged + "~"


def disclose_everything(sd_jwt: UnverifiedSdJwt, wanted: Collection[WantedPath]) -> str:
    """Return the credential with every disclosure, whatever was asked."""
    del wanted
    return sd_jwt.without_key_binding


def drop_key_binding(presentation: str) -> str:
    """Return the presentation without its key-binding JWT."""
    return presentation[: presentation.rindex("~") + 1]


def drop_a_disclosure(presentation: str) -> str:
    """Return the presentation with one disclosure less than was signed for."""
    jws, *rest = presentation.split("~")
    return "~".join((jws, *rest[1:]))


def with_key(stranger: Signer) -> Callable[[Binding], Binding]:
    """Return a step that signs the key binding with a key the credential is not bound to."""
    return lambda binding: replace(binding, signer=stranger)


def other_nonce(binding: Binding) -> Binding:
    """Answer another request."""
    return replace(binding, nonce=binding.nonce[::-1] + "x")


def other_audience(binding: Binding) -> Binding:
    """Address another receiver: the identifier without its prefix."""
    return replace(binding, audience=binding.audience.partition(":")[2])


def made_long_ago(binding: Binding) -> Binding:
    """Date the key binding back by half an hour."""
    return replace(binding, at=binding.at - STALE_BY)


def disclose_nothing(sd_jwt: UnverifiedSdJwt, wanted: Collection[WantedPath]) -> str:
    """Return the credential without a single disclosure, whatever is needed."""
    del wanted
    return select(sd_jwt, ())


def other_challenge(challenge: Challenge) -> Challenge:
    """Answer a challenge that was never shown."""
    return replace(challenge, nonce=challenge.nonce[::-1] + "x")


def other_box(challenge: Challenge) -> Challenge:
    """Encrypt to a key that the desk does not have."""
    return replace(challenge, public_key=BoxKey.generate().public_bytes)


def misbehaviours(stranger: Signer) -> Mapping[str, Misbehaviour]:
    """Return every misbehaviour by name. ``stranger`` is a key that no credential is bound to."""
    over_the_network = {
        "leave-out-needed": (Manners(choose=disclose_nothing), QueryNotSatisfied.code),
        "in-the-clear": (Manners(sealing=in_the_clear), ResponseNotEncrypted.code),
        "no-array": (Manners(sealing=without_array), MalformedVpToken.code),
        "wrong-state": (Manners(sealing=for_another_state), StateMismatch.code),
        "no-state": (Manners(sealing=without_state), StateMismatch.code),
        "wrong-encryption-key": (Manners(sealing=to_another_key), DecryptionFailed.code),
        "unasked-query-id": (Manners(sealing=under_another_id), PresentationNotAsked.code),
        "each-card-twice": (Manners(sealing=each_twice), TooManyPresentations.code),
    }
    return MappingProxyType({**_in_any_answer(stranger), **_by_name(over_the_network)})


def _in_any_answer(stranger: Signer) -> Mapping[str, Misbehaviour]:
    """Return those that lie in a presentation, however it travels."""
    listed = {
        "tamper-disclosure": (
            Manners(before_binding=tamper_disclosure),
            DisclosureUnreferenced.code,
        ),
        "over-disclose": (Manners(choose=disclose_everything), "over_disclosed"),
        "drop-disclosure": (Manners(after_binding=drop_a_disclosure), KbSdHashMismatch.code),
        "wrong-holder-key": (Manners(binding=with_key(stranger)), KbSignatureInvalid.code),
        "wrong-nonce": (Manners(binding=other_nonce), KbNonceMismatch.code),
        "wrong-audience": (Manners(binding=other_audience), KbAudienceMismatch.code),
        "stale-key-binding": (Manners(binding=made_long_ago), KbStale.code),
        "no-key-binding": (Manners(after_binding=drop_key_binding), KeyBindingMissing.code),
        "replay": (Manners(times_sent=2), "replayed"),
    }
    return _by_name(listed)


NOT_ON_SCREEN = frozenset({"no-key-binding"})
"""A code holds a key-binding JWT by its format."""
NOT_IN_THE_OPEN = NOT_ON_SCREEN | {"over-disclose", "wrong-nonce"}
"""Whatever it misbehaves, a wallet shows no health data unencrypted; and the nonce is its own."""


def misbehaviours_at_desk(stranger: Signer) -> Mapping[str, Misbehaviour]:
    """Return every misbehaviour in an answer to a challenge.

    ``replay`` draws an honest answer: showing it a second time is what the desk must refuse.
    """
    extra = {
        "wrong-challenge": (Manners(challenge=other_challenge), AnswerToAnotherChallenge.code),
        "wrong-box": (Manners(challenge=other_box), BoxBroken.code),
    }
    return MappingProxyType({**_without(NOT_ON_SCREEN, stranger), **_by_name(extra)})


def misbehaviours_in_the_open(stranger: Signer) -> Mapping[str, Misbehaviour]:
    """Return every misbehaviour in an answer that nobody asked for; ``replay`` as at the desk."""
    return MappingProxyType(_without(NOT_IN_THE_OPEN, stranger))


def _without(names: Collection[str], stranger: Signer) -> dict[str, Misbehaviour]:
    return {name: one for name, one in _in_any_answer(stranger).items() if name not in names}


def _by_name(listed: Mapping[str, tuple[Manners, str]]) -> Mapping[str, Misbehaviour]:
    return MappingProxyType(
        {
            name: Misbehaviour(name=name, manners=manners, code=code)
            for name, (manners, code) in listed.items()
        }
    )
