"""HTTP in and out: one module for each surface; `errors.py` alone knows status codes."""
