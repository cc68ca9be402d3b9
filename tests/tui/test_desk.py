"""The register is asked off the screen's thread; what is quick never queues behind what takes long."""

import asyncio
import threading

import pytest

from inventory.exits import StoreFault
from tui.desk import Desk


@pytest.fixture
def desk():
    desk = Desk("the register")
    yield desk
    desk.close()


async def test_answers_come_from_another_thread_and_from_the_register(desk: Desk) -> None:
    thread, register = await desk.ask(lambda register: (threading.current_thread(), register))
    assert thread is not threading.current_thread()
    assert register == "the register"


async def test_what_the_register_raises_reaches_who_asked(desk: Desk) -> None:
    def broken(register: object) -> None:
        raise StoreFault("the disk is gone")

    with pytest.raises(StoreFault, match="the disk is gone"):
        await desk.ask(broken)
    assert await desk.ask(lambda register: "still there") == "still there"


async def test_a_long_question_does_not_keep_a_quick_one_waiting(desk: Desk) -> None:
    begun, asked_quickly = threading.Event(), threading.Event()

    def long(register: object) -> bool:
        begun.set()
        return asked_quickly.wait(timeout=30)

    def quick(register: object) -> bool:
        both_under_way = begun.wait(timeout=30)
        asked_quickly.set()
        return both_under_way

    waiting = asyncio.create_task(desk.ask(long, long=True))
    assert await desk.ask(quick)
    assert await waiting


def test_closing_ends_both_threads() -> None:
    before = threading.active_count()
    Desk("the register").close()
    assert threading.active_count() == before
