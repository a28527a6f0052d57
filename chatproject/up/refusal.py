"""Why `up` would not start, in one sentence for the person at the terminal."""


class Refusal(Exception):
    """What stands in the way; its text is a whole sentence that says what to do."""
