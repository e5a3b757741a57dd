"""How a number is to be read: its classes, their limits, and whose they are."""

from collections.abc import Mapping

from credential_schemas import i18n
from credential_schemas.labels import texts
from credential_schemas.model import Catalogue, CredentialType, Lang, Reading


def reading_of(
    credential_type: CredentialType, name: str, claims: Mapping[str, object]
) -> Reading | None:
    """How a score is to be read, as far as the claims beside it tell; None when nobody says.

    Raises:
        KeyError: the type has no such claim.
    """
    scale = credential_type.claims[name].scale
    for reading in () if scale is None else scale.readings:
        if reading.when is None or claims.get(reading.when[0]) == reading.when[1]:
            return reading
    return None


def reading_text(
    catalogue: Catalogue,
    credential_type: CredentialType,
    name: str,
    claims: Mapping[str, object],
    lang: Lang,
) -> str | None:
    """The class of a score, the limits of all classes and their source; else its range.

    Args:
        catalogue: for the code lists.
        credential_type: the type that the score belongs to.
        name: the score's claim.
        claims: what was shown, the score among it.
        lang: the language.

    Returns:
        Sentences; None for what is no score, lies outside its range, or that nobody has put in
        words.

    Raises:
        KeyError: the type has no such claim.
    """
    reading, score = reading_of(credential_type, name, claims), claims.get(name)
    if reading is None or isinstance(score, bool) or not isinstance(score, int | float):
        return None
    if not reading.lowest <= score <= reading.highest:
        return None
    source = reading.source[lang]
    if not reading.limits or reading.code_list is None:
        return texts().text(
            "reading.range", lang, lowest=reading.lowest, highest=reading.highest, source=source
        )
    labels = catalogue.code_lists[reading.code_list]
    limits = [
        texts().text("reading.class", lang, name=labels[code][lang], lowest=low, highest=high)
        for code, (low, high) in reading.limits.items()
    ]
    own = next(code for code, (low, high) in reading.limits.items() if low <= score <= high)
    return texts().text(
        "reading.classes",
        lang,
        name=labels[own][lang],
        limits=i18n.join_list(limits, lang),
        source=source,
    )
