"""Cards that a wallet asks for by itself: a person signs in and agrees (OpenID4VCI 1.0, 5)."""
