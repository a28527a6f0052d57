"""What happens to the processes, and when: all of it from a seed, so that a run can be had again."""

import os
import random
import secrets
from collections.abc import Iterator
from typing import NamedTuple

#: Who is hurt, how, and how likely. `tree.py` knows what each means.
KINDS = {
    ("web", "kill"): 5,
    ("web", "stop"): 3,
    ("web", "end"): 2,
    ("web", "hang"): 1,
    ("web", "roll"): 2,
    ("celery", "kill"): 2,
    ("celery", "stop"): 1,
    ("redis", "kill"): 3,
    ("redis", "stop"): 2,
    ("postgres", "kill"): 3,
    ("postgres", "kill a session"): 2,
    ("postgres", "stop"): 2,
    ("tree", "kill"): 1,
}


class Fault(NamedTuple):
    """One deed against one part."""

    #: So long after all was whole again (seconds).
    after_s: float
    victim: str
    deed: str
    #: How long it is stopped, where it is.
    lasts_s: float
    #: Which of several processes: a number between 0 and 1.
    which: float

    def __str__(self) -> str:
        lasts = f" for {self.lasts_s:.1f} s" if self.deed == "stop" else ""
        return f"after {self.after_s:.1f} s: {self.deed} {self.victim}{lasts}"

    @property
    def is_kill(self) -> bool:
        """Whether somebody is killed by SIGKILL."""
        return self.deed.startswith("kill")


def seed() -> int:
    """Give the run's seed: `SEED` of the environment, else a new one."""
    return int(os.environ.get("SEED") or secrets.randbelow(10**9))


def faults(seed: int, kills: int, pause_s: tuple[float, float] = (2.0, 9.0)) -> Iterator[Fault]:
    """Give faults until so many were kills. Each kind of kill comes once before any comes by chance."""
    rng = random.Random(f"faults {seed}")
    first = [kind for kind in KINDS if kind[1].startswith("kill")]
    rng.shuffle(first)
    while kills > 0:
        victim, deed = first.pop() if first else rng.choices(list(KINDS), list(KINDS.values()))[0]
        fault = Fault(rng.uniform(*pause_s), victim, deed, rng.uniform(1.0, 12.0), rng.random())
        kills -= fault.is_kill
        yield fault
