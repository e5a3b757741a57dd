"""The service's own URLs."""

import re
from dataclasses import dataclass

from issuer.model import StatusPlace

_STATUS_LIST = re.compile(r"([!-.0-~]+)/status-lists/([1-9][0-9]{0,8})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Addresses:
    """URLs below `base`, an https origin with an optional path and no slash at the end."""

    base: str

    def issuer(self, organisation: str) -> str:
        """Return the organisation's credential issuer identifier (VCI 12.2.1)."""
        return f"{self.base}/{organisation}"

    def offer(self, organisation: str, reference: str) -> str:
        """Return a `credential_offer_uri`."""
        return f"{self.base}/{organisation}/offers/{reference}"

    def system_token(self, organisation: str) -> str:
        """Return where the organisation's issuing systems get access tokens."""
        return f"{self.base}/{organisation}/system-token"

    def sign_in(self, organisation: str) -> str:
        """Return where browsers come back to from the identity provider."""
        return f"{self.base}/{organisation}/sign-in"

    def revocation(self, organisation: str, reference: str) -> str:
        """Return where the request is by which a holder revokes an own card."""
        return f"{self.base}/{organisation}/revocations/{reference}"

    def revocation_answer(self, organisation: str, reference: str) -> str:
        """Return where that request is answered."""
        return f"{self.revocation(organisation, reference)}/answer"

    def status_lists(self, organisation: str) -> str:
        """Return the URI of the document that names all status lists."""
        return f"{self.base}/{organisation}/status-lists"

    def status_place(self, uri: str, index: int) -> StatusPlace | None:
        """Return which entry of ours a status reference means; None when it is none of ours."""
        begin = f"{self.base}/"
        found = _STATUS_LIST.fullmatch(uri.removeprefix(begin))
        if found is None or not uri.startswith(begin) or index < 0:
            return None
        return StatusPlace(found[1], int(found[2]), index)

    def status_list(self, organisation: str, number: int) -> str:
        """Return the URI of a status list, which is also its `sub`."""
        return f"{self.base}/{organisation}/status-lists/{number}"
