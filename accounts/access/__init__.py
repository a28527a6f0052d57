"""Coming in: passwords, sessions, tokens, and what keeps others out."""
