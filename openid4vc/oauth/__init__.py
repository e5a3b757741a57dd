"""OAuth 2.0: machines that sign assertions (RFC 7523), and wallets whose people sign in.

For wallets: pushed requests (RFC 9126), PKCE (RFC 7636), `iss` in responses (RFC 9207), DPoP (RFC
9449) and attestation-based client authentication.
"""
