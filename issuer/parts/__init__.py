"""Wiring: one module for each area puts its use cases together."""
