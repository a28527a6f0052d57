"""The demo workspace: real conversations from public IRC channels, and three people to sign in as."""
