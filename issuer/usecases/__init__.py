"""What the issuer does: one verb a file, each with one public call."""
