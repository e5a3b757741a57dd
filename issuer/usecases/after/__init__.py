"""What comes after a card was issued: lost phones, holders who revoke, ends, erasure, closing."""
