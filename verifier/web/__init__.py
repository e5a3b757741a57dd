"""HTTP in and out: the API, the wallets' endpoints, the desk pages."""
