"""The issuer: offers, tokens, credentials, status lists."""
