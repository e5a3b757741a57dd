"""Whether a caller already has what we would send (RFC 9110 13.1.2)."""


def has_copy(if_none_match: str, etag: str) -> bool:
    """Tell whether `If-None-Match` names the tag; a weak one counts, as it does for GET."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or tags == ["*"]
