"""Letters: a link on paper or in a message, a PIN by another medium, then a short-lived offer."""
