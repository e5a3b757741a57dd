"""Requests, from one door: the link, what the verifier writes, what the wallet reads."""

from openid4vc.openid4vp.client_id import Prefix, x509_hash, x509_san_dns
from openid4vc.openid4vp.link import Method, RequestLink, parse_request_link, request_link
from openid4vc.openid4vp.read_request import (
    AuthenticatedRequest,
    ReplyTo,
    TrustedRequest,
    authenticate_request,
    read_parameters,
    read_request,
)
from openid4vc.openid4vp.write_request import AuthorizationRequest, sign_request

__all__ = [
    "AuthenticatedRequest",
    "AuthorizationRequest",
    "Method",
    "Prefix",
    "ReplyTo",
    "RequestLink",
    "TrustedRequest",
    "authenticate_request",
    "parse_request_link",
    "read_parameters",
    "read_request",
    "request_link",
    "sign_request",
    "x509_hash",
    "x509_san_dns",
]
