"""When the vendor's support ends stands in the head row of a device, as the firmware check last said."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_RESULT = sa.table("result", *map(sa.column, ("device", "check", "facts")), sa.column("latest", sa.Boolean()))
_DEVICE = sa.table("device", sa.column("id"), sa.column("support_ends"))


def upgrade() -> None:
    with op.batch_alter_table("device") as device:
        device.add_column(sa.Column("support_ends", sa.String(), nullable=False, server_default=""))
    connection = op.get_bind()
    told = sa.select(_RESULT.c.device, _RESULT.c.facts).where(_RESULT.c.check == "firmware", _RESULT.c.latest)
    for row in connection.execute(told).all():
        if ends := json.loads(row.facts).get("ends"):
            connection.execute(sa.update(_DEVICE).where(_DEVICE.c.id == row.device).values(support_ends=ends))
    live = sa.text("absorbed_by IS NULL")
    op.create_index(
        "device_support_ends",
        "device",
        ["support_ends", "ip_key", "id"],
        sqlite_where=live,
        postgresql_where=live,
    )
