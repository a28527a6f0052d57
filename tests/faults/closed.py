"""How a way in ends."""


class Closed(Exception):
    """The way in is closed; `code` is None where it was cut without one."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"closed with {code}")
        self.code = code
