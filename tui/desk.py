"""The one desk at which the register is read and written: a single thread, so that the screen never waits."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from inventory.register import Register

Answer = TypeVar("Answer")


class Desk:
    """Takes questions to the register, one after another, in the order they came."""

    def __init__(self, register: "Register") -> None:
        self.register = register
        self._clerk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="register")

    async def ask(self, question: "Callable[[Register], Answer]") -> Answer:
        """What `question` gives for the register; raises what it raises (a MusterError where expected)."""
        return await asyncio.get_running_loop().run_in_executor(self._clerk, question, self.register)

    def close(self) -> None:
        """Waits for the question in hand and ends the thread; the register stays open, it is the caller's."""
        self._clerk.shutdown(wait=True, cancel_futures=True)
