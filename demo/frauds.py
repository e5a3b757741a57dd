"""A fraud that no honest wallet commits: a hospital's key signs a self-assessment."""

import os
from datetime import UTC, datetime, timedelta

import httpx2
import zxingcpp
from cryptography import x509
from PIL import Image

from credential_schemas.loader import load_catalogue
from demo.services import RunningServices
from keys.jose import public_jwk
from keys.opener import open_keys
from keys.software_signer import SoftwareSigner
from keys.trust import read_trust_list
from openid4vc.openid4vp.request import AuthorizationRequest, parse_request_link, read_request
from openid4vc.openid4vp.response import encrypt_response, response_form
from openid4vc.sd_jwt.key_binding import bind
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.sd_jwt.vc import VcContent, issue_vc

QR_ONLY = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode,))


def present_hospital_signed(
    services: RunningServices, *, claims: dict[str, object], picture: str, passphrase: str
) -> httpx2.Response:
    """Answer the request in `picture` with a self-assessment that the hospital signed.

    Everything else about it is right: its form, its dates, the holder's key, the answer.
    """
    holder, now = SoftwareSigner.generate(), datetime.now(UTC)
    kind = load_catalogue().types["self_assessment_result"]
    content = VcContent(
        vct=kind.vct,
        issuer=f"{services.issuer.url}/mallimaa",
        claims=claims,
        always=kind.always_disclosed(),
        issued_on=now.date(),
        expires_at=now + timedelta(days=90),
        holder_jwk=public_jwk(holder.public_key),
        status=StatusReference(f"{services.issuer.url}/mallimaa/status-lists/1", 7),
    )
    signer = open_keys(services.keys_directory, passphrase=passphrase).signer(
        "mallimaa", "credential"
    )
    credential = issue_vc(content, signer=signer, random_bytes=os.urandom)
    request = _open_request(services, picture, now)
    presentation = bind(
        credential, signer=holder, audience=request.client_id, nonce=request.nonce, at=now
    )
    (asked,) = request.query.credentials
    jwe = encrypt_response(request, {asked.id: [presentation]})
    return httpx2.post(request.response_uri, data=response_form(jwe), trust_env=False)


def _open_request(services: RunningServices, picture: str, now: datetime) -> AuthorizationRequest:
    (code,) = zxingcpp.read_barcodes(Image.open(picture), formats=QR_ONLY)
    link = parse_request_link(code.text, allow_loopback_http=True)
    trust = read_trust_list(
        services.trust_list.read_text("ascii").strip(),
        operator_anchors=x509.load_pem_x509_certificates(services.operator_anchor.read_bytes()),
        at=now,
    )
    text = httpx2.get(link.request_uri, trust_env=False).text
    return read_request(text, link=link, trust=trust, at=now, allow_loopback_http=True).request
