"""Runs the migrations on the connection that `inventory.store.database` hands over."""

from alembic import context

from inventory.store import (  # noqa: F401 - importing them fills the metadata
    directory_tables,
    judged_tables,
    scan_tables,
    surroundings_tables,
    tables,
)
from inventory.store.columns import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
