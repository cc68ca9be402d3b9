"""Pages of the past are read along indexes: who had a port when, whose status has changed, who was there."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live, status = sa.text("absorbed_by IS NULL"), sa.text("what IN ('status', 'device')")
    op.drop_index("service_port", "service")
    op.create_index("service_port", "service", ["port", "proto", "device", "first_seen", "ended"])
    op.create_index(
        "change_of_status", "change", ["at", "device"], sqlite_where=status, postgresql_where=status
    )
    op.create_index("device_id", "device", ["id", "first_seen"], sqlite_where=live, postgresql_where=live)
    op.drop_index("device_vendor", "device")  # device_make begins with it
