"""How an issuing system's calls find letters: their own organisation's, in scope."""

from issuer.model import Caller
from issuer.ports import Letter, Records
from issuer.usecases.failures import TypeNotInScope
from issuer.usecases.letters.failures import LetterNotFound


def letter_of(records: Records, caller: Caller, letter_id: str) -> Letter:
    """Return a letter of the caller's organisation.

    Raises:
        LetterNotFound: the organisation has no such letter.
        TypeNotInScope: it has, but the caller is not for its type.
    """
    found = records.letters.get(caller.organisation, letter_id)
    if found is None:
        raise LetterNotFound("no such letter")
    if found.type_id not in caller.types:
        raise TypeNotInScope("the caller is not for this type")
    return found
