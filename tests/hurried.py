"""A web process some of whose clocks run faster: `python -m tests.hurried messaging.upkeep.CONFIRMED_S=4 --port 8000`.

For tests of what comes after a time, so that they need not wait for all of it. It is the process of
`chatproject.up.uvicorn`, with numbers of its modules replaced before anything of it begins.
"""

import importlib
import sys

import chatproject.asgi  # noqa: F401 - sets Django up, without which modules with models can't be imported
from chatproject.up import uvicorn


def hurry(assignment: str) -> None:
    """Replace a number of a module, which must be there: `package.module.NAME=4`."""
    path, value = assignment.split("=")
    module, name = path.rsplit(".", 1)
    known = getattr(importlib.import_module(module), name)
    setattr(importlib.import_module(module), name, type(known)(value))


if __name__ == "__main__":
    first_option = next(n for n, argument in enumerate(sys.argv) if argument.startswith("--"))
    for assignment in sys.argv[1:first_option]:
        hurry(assignment)
    uvicorn.main(sys.argv[first_option:])
