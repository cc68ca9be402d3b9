"""A table of a hundred thousand rows holds a few hundred, never loses its place and never freezes."""

import asyncio
from collections.abc import Awaitable, Callable

from textual.app import App, ComposeResult

from inventory.exits import StoreFault
from tui.themes import DARK
from tui.widgets.columns import Column
from tui.widgets.row_window import PAGE, Window, listed
from tui.widgets.windowed_table import WindowedTable

COLUMNS = (
    Column("number", "Number", str, 8, right=True, sort="number"),
    Column("name", "Name", lambda row: f"設備 {row}", 12, stretch=1),
)


class Shown(App[None]):
    """One table on a screen."""

    def __init__(self) -> None:
        super().__init__()
        self.table: WindowedTable[int] = WindowedTable(COLUMNS, str)
        self.said: list[object] = []
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        yield self.table

    def on_windowed_table_opened(self, opened: WindowedTable.Opened) -> None:
        self.said.append(opened.row)

    def on_windowed_table_failed(self, failed: WindowedTable.Failed) -> None:
        self.said.append(str(failed.error))

    def on_windowed_table_sort_asked(self, asked: WindowedTable.SortAsked) -> None:
        self.said.append(asked.column.key)

    def lines(self) -> list[str]:
        return [self.table.render_line(y).text for y in range(self.table.size.height)]

    async def settle(self, pilot) -> None:
        await pilot.pause()
        await self.workers.wait_for_complete()
        await pilot.pause()


def numbers(total: int, asked: list[int]) -> Callable[[int, int], Awaitable[Window[int]]]:
    async def fetch(offset: int, limit: int) -> Window[int]:
        asked.append(offset)
        return Window(range(offset, min(offset + limit, total)), total)

    return fetch


async def test_only_the_pages_in_sight_are_fetched() -> None:
    app, asked = Shown(), []
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(numbers(100_000, asked))
        await app.settle(pilot)
        await pilot.press("end")
        await app.settle(pilot)
        assert "99999" in app.lines()[-1]
        assert app.table.current == 99_999
        assert len(asked) <= 3
        assert min(asked[1:]) >= 100_000 - 2 * PAGE


async def test_the_cursor_is_always_in_sight() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(numbers(500, []))
        await app.settle(pilot)
        await pilot.press("pagedown", "pagedown", "down", "G", "pageup", "k")
        await app.settle(pilot)
        assert any(f" {app.table.current} " in line for line in app.lines())


async def test_every_line_is_as_wide_as_the_table() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(listed(range(5)))
        await app.settle(pilot)
        widths = {app.table.render_line(y).cell_length for y in range(12)}
        assert widths == {app.table.scrollable_content_region.width}


async def test_old_rows_stay_until_the_new_ones_are_here() -> None:
    app, gate = Shown(), asyncio.Event()

    async def slow(offset: int, limit: int) -> Window[int]:
        await gate.wait()
        return Window([7], 1)

    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(listed([1, 2, 3]))
        await app.settle(pilot)
        app.table.show(slow)
        await pilot.pause()
        assert app.table.total == 3
        assert "設備 1" in app.lines()[1]
        gate.set()
        await app.settle(pilot)
        assert app.table.total == 1
        assert "設備 7" in app.lines()[1]


async def test_an_answer_that_was_overtaken_is_dropped() -> None:
    app, gate = Shown(), asyncio.Event()

    async def slow(offset: int, limit: int) -> Window[int]:
        await gate.wait()
        return Window([1, 2, 3], 3)

    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(slow)
        await pilot.pause()
        app.table.show(listed([9]))
        gate.set()
        await app.settle(pilot)
        assert app.table.current == 9
        assert app.table.total == 1


async def test_a_failure_is_said_once_and_loses_nothing() -> None:
    app = Shown()

    async def broken(offset: int, limit: int) -> Window[int]:
        raise StoreFault("the disk is gone")

    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(listed([1, 2, 3]))
        await app.settle(pilot)
        app.table.show(broken)
        await app.settle(pilot)
        assert app.said == ["the disk is gone"]
        assert "設備 2" in app.lines()[2]


async def test_marks_outlive_a_reload_and_the_cursor_walks_on() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(listed(range(10)))
        await app.settle(pilot)
        app.table.toggle_mark()
        app.table.show(listed(range(10)))
        await app.settle(pilot)
        assert app.table.marks == {"0"}
        assert app.table.current == 1
        assert app.lines()[1].startswith("●")


async def test_cursor_and_marks_are_told_apart_without_colour() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(listed(range(10)))
        await app.settle(pilot)
        app.table.toggle_mark()
        app.table.toggle_mark()
        await pilot.press("up")
        assert [line[0] for line in app.lines()[1:5]] == ["●", "◆", " ", " "]
        await pilot.press("down")
        assert [line[0] for line in app.lines()[1:5]] == ["●", "●", "▸", " "]


async def test_an_empty_table_says_why_it_is_empty() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(listed([]))
        await app.settle(pilot)
        await pilot.press("down", "end", "enter")
        assert "Nothing here." in "\n".join(app.lines())
        assert app.said == []


async def test_a_list_that_grew_shorter_keeps_the_cursor_inside() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(listed(range(1000)))
        await app.settle(pilot)
        await pilot.press("end")
        app.table.show(listed(range(4)))
        await app.settle(pilot)
        assert app.table.current == 3
        assert "設備 3" in "\n".join(app.lines())


async def test_mouse_a_heading_sorts_and_a_second_click_opens() -> None:
    app = Shown()
    async with app.run_test(size=(40, 12)) as pilot:
        app.table.show(listed(range(10)))
        await app.settle(pilot)
        await pilot.click(WindowedTable, offset=(3, 0))
        await pilot.click(WindowedTable, offset=(12, 4), times=2)
        await pilot.pause()
        assert app.said == ["number", 3]
