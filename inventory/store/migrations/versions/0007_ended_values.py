"""What was said and no longer holds has an index; what holds is found by its device as it is."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("value_now", "value")
    if op.get_bind().dialect.name == "sqlite":
        ended = sa.text("valid_to IS NOT NULL")
        op.create_index("value_ended", "value", ["valid_to", "value", "device"], sqlite_where=ended)
