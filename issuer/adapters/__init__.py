"""How the issuer's ports are met: SQL records, the vault, API key form."""
