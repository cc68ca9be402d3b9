"""An office to look at, and a way to walk through the app without ever waiting for the clock."""

from collections.abc import Iterator

import pytest

from inventory import language
from tui import words


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test starts in English on a UTF-8 terminal, and leaves it so."""
    language.choose("en")
    words.use_ascii(False)
    yield
    language.choose("en")
    words.use_ascii(False)
