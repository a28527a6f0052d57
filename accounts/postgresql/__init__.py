"""Django's PostgreSQL backend behind a circuit breaker."""
