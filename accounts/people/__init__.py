"""People: how they come, what they are called, and how they go."""
