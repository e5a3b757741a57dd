"""The verifier: requests, responses, verdicts, the staff desk."""
