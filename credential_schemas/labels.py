"""What a claim, or a part of it, is called."""

from functools import cache

from credential_schemas import i18n
from credential_schemas.data_files import HOME
from credential_schemas.model import Catalogue, ClaimDefinition, CredentialType, Lang, Path


@cache
def texts() -> i18n.Texts:
    """The words of this room."""
    return i18n.Texts.load(HOME / "locales")


def claim_at(credential_type: CredentialType, path: Path) -> ClaimDefinition:
    """The claim that a path begins with; KeyError when the type has none such."""
    if not path or not isinstance(path[0], str):
        raise KeyError("a path starts with the name of a claim")
    return credential_type.claims[path[0]]


def label_for_path(
    catalogue: Catalogue, credential_type: CredentialType, path: Path, lang: Lang
) -> str:
    """What a path is called: the claim's label, and the part's own name after a colon.

    Raises:
        KeyError: the type has no such claim or part.
    """
    claim = claim_at(credential_type, path)
    names = [step for step in path[1:] if isinstance(step, str)]
    if not names:
        return claim.label[lang]
    if claim.members:
        part = claim.members[names[0]].label[lang]
    elif claim.kind == "scores" and claim.code_list is not None:
        part = catalogue.code_lists[claim.code_list][names[0]][lang]
    else:
        family = "language" if claim.kind == "words" else "scale"
        part = texts().text(f"{family}.{names[0]}", lang)
    return texts().text("item", lang, name=claim.label[lang], value=part)
