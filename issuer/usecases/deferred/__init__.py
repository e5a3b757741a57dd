"""Offers whose claims come later (OpenID4VCI 1.0, 9)."""
