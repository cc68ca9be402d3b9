"""Options that several commands share, and how a day, a moment, a query and WHAT=TEXT are written."""

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import click

from inventory.entered import day_in_iso
from inventory.exits import UsageFault
from inventory.language import _
from inventory.types import SystemClock

if TYPE_CHECKING:
    from inventory.query import DeviceQuery

_LENGTH_OF_A_DAY = len("2025-06-30")


class _Day(click.ParamType[date]):
    name = "day"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """As the register reads days: `2027-06-30`, `116/6/30` and `民國116年6月30日` are the same."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(day_in_iso(value))
        except ValueError:
            self.fail(_("{text!r} is not a day (try 2025-06-30)").format(text=value), param, ctx)


DAY = _Day()


def moment_of(text: str) -> datetime:
    """`2025-06-30` is the end of that day where the firm is, `2025-06-30T08:00` a moment; UsageFault else."""
    return _moment(text, time.max)


def pair_of(text: str) -> tuple[str, str]:
    """`WHAT=TEXT` as the two; UsageFault else."""
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageFault(_("{text!r} is not WHAT=TEXT").format(text=text))
    return name.strip(), value


def query_of(words: tuple[str, ...], sort: str | None = None) -> "DeviceQuery":
    """What the words of a command line ask for; UsageFault where they ask for nothing there is."""
    from inventory.query import parse

    if len(words) == 1:
        query = parse(words[0])
    else:
        # The shell took the quotation marks off words with spaces; the query language wants them back.
        query = parse(" ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words))
    return query.sorted_by(sort) if sort else query


def _when_looked(_ctx: click.Context, _parameter: click.Parameter, text: str | None) -> datetime | None:
    """The moment; a day is its beginning, and one that is still to come would hide what others wrote."""
    if text is None:
        return None
    moment = _moment(text, time.min)
    if moment > SystemClock().now():
        raise UsageFault(_("{text} is still to come: say when you looked").format(text=text))
    return moment


def _moment(text: str, of_day: time) -> datetime:
    text = day_in_iso(text)
    try:
        if len(text) == _LENGTH_OF_A_DAY:
            return datetime.combine(date.fromisoformat(text), of_day).astimezone(UTC)
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageFault(_("{text!r} is not a day (try 2025-06-30)").format(text=text)) from error


seen_option = click.option(
    "--seen",
    metavar="MOMENT",
    callback=_when_looked,
    help="When you looked: refused where somebody changed it since.",
)
"""`--seen MOMENT` of every command that changes what others may change too."""

as_of_option = click.option("--as-of", metavar="DAY", help="As it stood on that day (2025-06-30).")
