"""Numbers among the environment's variables. Kept free of Django, so that settings may import it."""

import os


def whole_number(name: str, otherwise: int, *, least: int = 1) -> int:
    """Read a variable that holds a whole number; where it is not set or empty, `otherwise`.

    Raises ValueError with a sentence that names the variable.
    """
    text = os.environ.get(name, "").strip()
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 16) or int(text) < least:
        raise ValueError(f"{name} is a whole number of at least {least}, such as {otherwise}, and not {text[:40]!r}.")
    return int(text)
