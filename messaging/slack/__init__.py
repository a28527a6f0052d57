"""Bring in a Slack export: archive → survey → people → conversations, each event through the log's own door."""
