"""What is said: credential types and request profiles, as data."""
