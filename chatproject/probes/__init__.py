"""What monitoring asks of a web process: whether it lives, whether it is ready, and its measures. Beside Django."""
