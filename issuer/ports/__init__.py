"""What a use case needs from outside: records, a vault for claims, time, randomness, signers."""

from issuer.ports.kept import (
    ApiKeys,
    Audit,
    Credentials,
    Grants,
    Offers,
    OneTimeValues,
    RememberedCalls,
    StatusLists,
)
from issuer.ports.letters import (
    Letter,
    LetterPress,
    Letters,
    LetterState,
)
from issuer.ports.outside import (
    ApiKeyForm,
    Clock,
    Random,
    Signers,
    Vault,
)
from issuer.ports.records import (
    Records,
    Store,
)
from issuer.ports.webhooks import (
    Event,
    Events,
    Webhooks,
)

__all__ = [
    "ApiKeyForm",
    "ApiKeys",
    "Audit",
    "Clock",
    "Credentials",
    "Event",
    "Events",
    "Grants",
    "Letter",
    "LetterPress",
    "LetterState",
    "Letters",
    "Offers",
    "OneTimeValues",
    "Random",
    "Records",
    "RememberedCalls",
    "Signers",
    "StatusLists",
    "Store",
    "Vault",
    "Webhooks",
]
