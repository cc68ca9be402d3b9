"""Every suite: property tests draw the same examples on every run, and what waits longest begins first."""

from collections.abc import Iterator

import pytest
from hypothesis import settings
from sqlalchemy import Engine

settings.register_profile("required", derandomize=True, deadline=None)
settings.load_profile("required")


@pytest.fixture(scope="session", autouse=True)
def migrated_once() -> Iterator[None]:
    """A new SQLite register copies one that went through every migration; older ones go through them."""
    from inventory.store.database import Database

    migrate = Database._migrate
    model: list[Database] = []

    def copy_or_migrate(self: Database, found: str | None) -> None:
        if found is not None or self._engine.dialect.name != "sqlite":
            migrate(self, found)
            return
        if not model:
            model.append(Database(_in_memory(), "model"))
            migrate(model[0], None)
        with model[0]._engine.connect() as ready, self._engine.connect() as new:
            ready.connection.driver_connection.backup(new.connection.driver_connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "_migrate", copy_or_migrate)
        yield
    for each in model:
        each.close()


def _in_memory() -> Engine:
    from sqlalchemy import make_url

    from inventory.store.engines import engine_of

    return engine_of(make_url("sqlite://"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The labs first: they wait on the wire more than they compute; begun last, they would be waited for."""
    items.sort(key=lambda item: item.get_closest_marker("lab") is None)
