"""Mail: what is sent, how often, and the links in it."""
