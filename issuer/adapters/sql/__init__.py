"""The issuer's records on SQLite or PostgreSQL."""
