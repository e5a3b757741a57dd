"""Issuing systems that show who they are by a registered public key (OAuth 2.0)."""
