"""The cast, as for the hub's tests."""

from tests.messaging.hub.conftest import alice, bob, carol, queue

__all__ = ["alice", "bob", "carol", "queue"]
