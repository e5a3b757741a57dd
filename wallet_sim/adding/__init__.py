"""Adding a card by signing in at its issuer (OpenID4VCI 1.0, 5 and 6), and renewing it."""
