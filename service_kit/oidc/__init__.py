"""Signing in with an OpenID provider: Authlib's protocol pieces over our own guarded client.

Authlib builds the addresses, the client's authentication and the claims' checks; every request
goes through `keys.fetch`, every JSON text through `keys.strict_json`, and the signature is checked
by joserfc. docs/adr/0015 says why. Each service says in its own words why it refuses (`Refusals`).
"""
