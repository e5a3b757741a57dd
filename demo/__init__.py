"""The whole story on this machine: real services, a real wallet, real QR pictures."""
