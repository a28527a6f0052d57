"""The administration's pages about conversations: facts and members, never what was said."""
