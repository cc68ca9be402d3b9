"""What cannot be read of a ruleset, in one line that names the place."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from inventory.exits import BadInput
from inventory.language import _

_SHOWN: Final = 80


def lacking(path: str, what: str) -> BadInput:
    """That a file holds nothing of the kind it was read for."""
    return BadInput(_("{path}: holds no {what}").format(path=path, what=what))


@contextmanager
def not_understood(place: str, line: str | Sequence[str]) -> Iterator[None]:
    """Whatever a line's reader stumbles over is BadInput naming the place and showing the line."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        shown = (line if isinstance(line, str) else " ".join(line))[:_SHOWN]
        raise BadInput(_("{place}: is not understood: {text}").format(place=place, text=shown)) from error
