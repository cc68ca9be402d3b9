"""A web icon's names are those that others give it, and an error page is no icon."""

import pytest

from agent.probes.favicon import icon_facts, murmur3


@pytest.mark.parametrize(
    ("data", "number"),
    [(b"", 0), (b"foo", -156908512), (b"hello", 613153351), (b"hello, world", 345750399)],
)
def test_murmur3_gives_the_published_values(data: bytes, number: int) -> None:
    assert murmur3(data) == number


def test_an_icon_has_both_names_and_an_error_page_has_none() -> None:
    assert [name for name, _value in icon_facts(b"\0\0\1\0 an icon")] == ["favicons", "http.favicon_mmh3"]
    assert icon_facts(b"<html>404</html>") == icon_facts(b"") == icon_facts(bytes(100_001)) == []
    assert icon_facts(b"<svg xmlns='x'/>")
