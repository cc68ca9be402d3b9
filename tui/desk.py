"""The desk at which the register is read and written, so that the screen never waits.

Two clerks, each a thread: one answers what is quick in the order it was asked, the other what takes long
(every verdict, every finding, a new judgement), so that scrolling and typing never queue behind it.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from inventory.register import Register

Answer = TypeVar("Answer")


class Desk:
    """Takes questions to the register; each gives what it gives, or raises what it raises."""

    def __init__(self, register: "Register") -> None:
        self._register = register
        self._quick = ThreadPoolExecutor(max_workers=1, thread_name_prefix="register")
        self._patient = ThreadPoolExecutor(max_workers=1, thread_name_prefix="register-long")

    async def ask(self, question: "Callable[[Register], Answer]", *, long: bool = False) -> Answer:
        """The answer; `long` for what reads or writes most of the register."""
        clerk = self._patient if long else self._quick
        return await asyncio.get_running_loop().run_in_executor(clerk, question, self._register)

    def close(self) -> None:
        """Waits for the questions in hand and ends; the register stays open, it is the caller's."""
        for clerk in (self._quick, self._patient):
            clerk.shutdown(wait=True, cancel_futures=True)
