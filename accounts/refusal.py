"""How a deed is refused: a code of the protocol and a sentence for a person."""

from django.utils.functional import Promise


class Refusal(Exception):
    """A deed that was not done: nothing of it was kept.

    `code` is one of the protocol's, or `step_up` where signing in again helps; `detail` says what is wrong and what
    would be right; `field` names the field at fault, where there is one.
    """

    def __init__(self, code: str, detail: str | Promise, *, field: str = "") -> None:
        super().__init__(str(detail))
        self.code = code
        self.detail = str(detail)
        self.field = field
