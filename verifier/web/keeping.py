"""What becomes of what is shown, in words: said before asking and beside the button that clears."""

from datetime import datetime

from credential_schemas.i18n import format_date
from credential_schemas.model import Lang, RequestProfile
from verifier.usecases.hand_on_copy import kept_until
from verifier.web.ages import Words


def keeps_text(words: Words, profile: RequestProfile, *, at: datetime, lang: Lang) -> str:
    """Return what becomes of the data: not kept, or kept until a date.

    Args:
        words: looks up a text.
        profile: what is asked for.
        at: when it was asked, or now for what is about to be asked.
        lang: the language.
    """
    until = kept_until(profile, at=at)
    if until is None:
        return words("retention.view_only")
    return words("retention.until", date=format_date(until, lang))
