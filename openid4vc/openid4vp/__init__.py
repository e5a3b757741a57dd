"""OpenID4VP 1.0 in the HAIP profile: signed requests by reference, encrypted answers by POST."""
