"""A process of its own that tests one login on loopback, to be killed or to crash in the middle of the try.

REGISTER PORT, and `bare` where the passwords are read without what keeps them from a core file.
"""

import asyncio
import contextlib
import logging
import resource
import sys
from collections.abc import Iterator

from logins import MARKER, NOW, door, family

from agent.logins import families
from agent.service import logins as service
from inventory.register import Register
from inventory.settings import Settings
from inventory.types import FixedClock


@contextlib.contextmanager
def unsealed() -> Iterator[None]:
    yield


def main(place: str, *how: str) -> None:
    logging.basicConfig(level=logging.DEBUG)
    _soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    families.all_families = lambda: (family(("admin", MARKER)),)
    if how == ("bare",):
        service.sealed = unsealed
    with Register.open(place, FixedClock(NOW)) as register:
        run = service.LoginRun(register, Settings(), FixedClock(NOW), "here", door=door())
        asyncio.run(run.run())


if __name__ == "__main__":
    main(*sys.argv[1:])
