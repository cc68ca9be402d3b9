"""The rows around what is seen: fetched a page at a time, held while near, dropped when overtaken."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic

from inventory.exits import MusterError
from tui.widgets.columns import Row

PAGE = 64
_KEPT_PAGES = 24


@dataclass(frozen=True, slots=True)
class Window(Generic[Row]):
    """Some rows from an offset on, and how many there are in all."""

    rows: Sequence[Row]
    total: int


Fetch = Callable[[int, int], Awaitable[Window[Row]]]


def listed(rows: Sequence[Row]) -> Fetch[Row]:
    """A fetch over rows that are already here."""

    async def fetch(offset: int, limit: int) -> Window[Row]:
        return Window(rows[offset : offset + limit], len(rows))

    return fetch


class RowWindow(Generic[Row]):
    """Some of `total` rows. Those that are here stay until the first of those asked for last has come."""

    def __init__(self) -> None:
        self.total = 0
        self.asked = 0  # which rows are asked for: every `ask` is another generation of them
        self.here = 0  # which are here
        self._stuck = -1  # whose fetch failed: it is not tried again
        self._fetch: Fetch[Row] = listed(())
        self._pages: dict[int, Sequence[Row]] = {}

    def ask(self, fetch: Fetch[Row]) -> None:
        """Wants the rows of `fetch` from now on."""
        self._fetch = fetch
        self.asked += 1

    @property
    def loaded(self) -> bool:
        """True once the rows that were asked for last are here."""
        return self.here == self.asked and self.asked > 0

    def row(self, index: int) -> Row | None:
        """The row, None where there is none or it is still on its way."""
        page = self._pages.get(index // PAGE, ())
        offset = index % PAGE
        return page[offset] if 0 <= index < self.total and offset < len(page) else None

    def wanted(self, top: int, seen: int) -> int | None:
        """The next page to fetch: the first of those in sight that is not here."""
        if self._stuck == self.asked or not self.asked:
            return None
        if self.here != self.asked:
            return top // PAGE
        last = min(top + seen, self.total) - 1
        return next(
            (page for page in range(top // PAGE, last // PAGE + 1) if page not in self._pages),
            None,
        )

    async def fetch(self, page: int) -> bool:
        """Fetches a page; False where others were asked for meanwhile, MusterError where none can be read."""
        asked = self.asked
        try:
            window = await self._fetch(page * PAGE, PAGE)
        except MusterError:
            self._stuck = asked
            raise
        if asked != self.asked:
            return False
        if asked != self.here:
            self._pages.clear()
            self.here = asked
        self._pages[page] = window.rows
        while len(self._pages) > _KEPT_PAGES:
            del self._pages[max(self._pages, key=lambda kept: abs(kept - page))]
        self.total = window.total
        return True
