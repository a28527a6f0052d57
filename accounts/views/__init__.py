"""Pages of accounts: thin, a topic a file."""
