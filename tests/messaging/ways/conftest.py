"""The hub's cast and Valkey."""

from tests.messaging.hub.conftest import alice, bob, carol, mallory, queue

__all__ = ["alice", "bob", "carol", "mallory", "queue"]
