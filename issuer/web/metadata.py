"""What wallets read first: who the issuer is, what it issues, and what its types look like."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from credential_schemas.model import LANGS, ClaimDefinition, CredentialType, Label, Organisation
from issuer.usecases.failures import OrganisationUnknown
from issuer.web.errors import AddressUnknown
from issuer.web.services import Services
from openid4vc.openid4vci.metadata import (
    AUTHORIZATION_SERVER,
    CREDENTIAL_ISSUER,
    authorization_server_metadata,
    issuer_metadata,
)

_FRESH_FOR = {"Cache-Control": "public, max-age=300"}


def router(services: Services) -> APIRouter:
    """Return the metadata endpoints."""
    routes = APIRouter(
        tags=["metadata"], responses={404: {"description": "No such organisation or type"}}
    )

    def issuing(org: str) -> Organisation:
        organisation = services.catalogue.organisations.get(org)
        if organisation is None or not organisation.types:
            raise OrganisationUnknown("issues nothing")
        return organisation

    @routes.get(f"/.well-known/{CREDENTIAL_ISSUER}/{{org}}")
    async def credential_issuer(org: str) -> Response:
        """Give the credential issuer metadata of an organisation (VCI 12.2)."""
        organisation = issuing(org)
        types = [services.catalogue.types[one] for one in sorted(organisation.types)]
        return JSONResponse(
            issuer_metadata(services.addresses.issuer(org), names=organisation.names, types=types),
            headers=_FRESH_FOR,
        )

    @routes.get(f"/.well-known/{AUTHORIZATION_SERVER}/{{org}}")
    async def authorization_server(org: str) -> Response:
        """Give the authorization server metadata of an organisation (RFC 8414)."""
        issuing(org)
        metadata = authorization_server_metadata(services.addresses.issuer(org))
        # Token Status List 9.1
        metadata["status_list_aggregation_endpoint"] = services.addresses.status_lists(org)
        return JSONResponse(metadata, headers=_FRESH_FOR)

    @routes.get("/type-metadata/{vct}")
    async def type_metadata(vct: str) -> Response:
        """Give the type metadata of a credential type (SD-JWT VC 5)."""
        credential_type = services.catalogue.type_for_vct(vct)
        if credential_type is None:
            raise AddressUnknown("no such type")
        return JSONResponse(_type_metadata(credential_type), headers=_FRESH_FOR)

    return routes


def _type_metadata(credential_type: CredentialType) -> dict[str, object]:
    return {
        "vct": credential_type.vct,
        "name": credential_type.title.en,
        "display": _display(credential_type.title, "name"),
        "claims": [_claim(claim) for claim in credential_type.claims.values()],
    }


def _claim(claim: ClaimDefinition) -> dict[str, object]:
    return {
        "path": [claim.name],
        "display": _display(claim.label, "label"),
        "sd": "never" if claim.disclosure == "always" else "always",
    }


def _display(label: Label, member: str) -> list[dict[str, str]]:
    return [{"locale": lang, member: label[lang]} for lang in LANGS]
