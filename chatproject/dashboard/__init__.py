"""What the administration's first page tells of a workspace: a topic a file."""
