"""Measurements, side by side with the raw cryptography in one run."""
