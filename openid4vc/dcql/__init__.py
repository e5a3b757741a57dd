"""The query language of OpenID4VP: reading, matching, and our request profiles as queries."""
