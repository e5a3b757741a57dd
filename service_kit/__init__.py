"""What issuer and verifier both stand on: storage, HTTP hygiene, clock, QR drawing."""
