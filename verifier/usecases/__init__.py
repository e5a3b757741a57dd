"""What the verifier does: one verb per module."""
