"""The simulated wallet: holder keys, stored credentials, consent, presentations."""
