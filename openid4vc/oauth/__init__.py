"""OAuth 2.0 for machines: a client shows by a signed assertion who it is (RFC 6749, RFC 7523)."""
