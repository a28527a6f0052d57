"""The hub's cast and servers."""

from tests.messaging.hub.conftest import alice, bob, carol, mallory, pair, queue

__all__ = ["alice", "bob", "carol", "mallory", "pair", "queue"]
