"""Who says it: signers, certificates, JOSE framing and trust lists."""
