"""Wire formats and protocol rules: SD-JWT VC, status lists, DCQL, OpenID4VCI, OpenID4VP. No I/O."""
