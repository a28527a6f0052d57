"""The ways in: a WebSocket, and where none gets through a stream or a poll, with commands by POST."""
