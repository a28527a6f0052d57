"""One command that runs Parley: the embedded database and queue, the web processes and the workers, as its children."""
