"""An office to look at, and a way to walk through the app without ever waiting for the clock."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.worker import WorkerCancelled

from inventory import language
from inventory.register import Register
from inventory.types import FixedClock
from tests.tui import office
from tests.tui.resting import at_rest
from tui import words
from tui.app import MusterApp

TAIPEI = timezone(timedelta(hours=8))
KEYS = {" ": "space", ":": "colon", "-": "minus", ".": "full_stop"}
DEVICES = {"empty": 0, "small": 24, "full": 2400}  # full is more than a table keeps (1,536)


class Walk:
    """One person at one screen: presses keys, and looks when everything has settled."""

    def __init__(self, app: MusterApp, pilot: Pilot[None], register: Register) -> None:
        self.app = app
        self.pilot = pilot
        self.register = register

    async def press(self, *keys: str) -> str:
        """Presses the keys, one after another, and gives what the screen then shows."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()
        return self.seen

    async def type(self, text: str) -> str:
        """Types a text, as fast as a barcode scanner."""
        await self.pilot.press(
            *({" ": "space", ":": "colon", "-": "minus"}.get(letter, letter) for letter in text)
        )
        await self.settle()
        return self.seen

    async def settle(self) -> None:
        """Waits until nothing is being read; a form that is open is waited for by nobody."""
        await self.pilot.pause()
        async with asyncio.timeout(30):
            while not isinstance(self.app.screen, ModalScreen) and any(
                worker.group == "editing" for worker in self.app.workers
            ):
                await self.pilot.pause()
        while busy := [worker for worker in self.app.workers if worker.group != "editing"]:
            with suppress(WorkerCancelled):  # a later reading took its place
                await self.app.workers.wait_for_complete(busy)
            await self.pilot.pause()
        await self.pilot.pause()

    @property
    def lines(self) -> list[str]:
        """The screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    @property
    def seen(self) -> str:
        """The screen in one text."""
        return "\n".join(self.lines)


Begin = Callable[..., AbstractAsyncContextManager[Walk]]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test starts in English on a UTF-8 terminal, and leaves it so."""
    language.choose("en")
    words.use_ascii(False)
    yield
    language.choose("en")
    words.use_ascii(False)


@pytest.fixture(autouse=True)
def no_idling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's pilot waits until the processor rests, some fiftieths of a second a key; ours looks."""
    for place in ("textual.app.wait_for_idle", "textual.pilot.wait_for_idle"):
        monkeypatch.setattr(place, at_rest)


@pytest.fixture(scope="session")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`empty`, `small` or `full` → a furnished register, made when first asked for."""
    folder = tmp_path_factory.mktemp("offices")

    def furnished(kind: str) -> Path:
        place = folder / f"{kind}.sqlite"
        if not place.exists():
            office.furnish(place, DEVICES[kind])
        return place

    return furnished


@pytest.fixture
def open_app(offices: Callable[[str], Path], tmp_path: Path) -> Iterator[Callable[[str], MusterApp]]:
    """`kind` → an app on a copy of that office."""
    opened: list[Register] = []

    def app_on(kind: str) -> MusterApp:
        place = Path(shutil.copy(offices(kind), tmp_path / "register.sqlite"))
        clock = FixedClock(office.NOW)
        opened.append(Register.open(str(place), clock, create=False))
        return MusterApp(opened[-1], operator="lin", clock=clock, zone=TAIPEI)

    yield app_on
    for register in opened:
        register.close()


@pytest.fixture
def begin(open_app: Callable[[str], MusterApp]) -> Begin:
    """`begin("small", size=…)` → a walk through the app, settled on its first screen."""

    @asynccontextmanager
    async def walk(kind: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Walk]:
        app = open_app(kind)
        async with app.run_test(size=size) as pilot:
            walking = Walk(app, pilot, app.desk._register)
            await walking.settle()
            yield walking

    return walk
