"""What Parley does in a second, measured beside yardsticks in the same run: `python -m bench` (docs/bench.md)."""
