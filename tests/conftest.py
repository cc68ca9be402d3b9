"""Every suite: property tests draw the same examples on every run, and what waits longest begins first."""

import pytest
from hypothesis import settings

settings.register_profile("required", derandomize=True, deadline=None)
settings.load_profile("required")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The labs first: they wait on the wire more than they compute; begun last, they would be waited for."""
    items.sort(key=lambda item: item.get_closest_marker("lab") is None)
