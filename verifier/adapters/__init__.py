"""The verifier's outgoing side: storage, trust list, status lists."""
