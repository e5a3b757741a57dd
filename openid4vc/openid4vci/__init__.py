"""OpenID4VCI 1.0, pre-authorised code flow: offers, metadata, tokens, proofs, credentials."""
