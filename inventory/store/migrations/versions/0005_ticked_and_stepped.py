"""What a signed answer's checklist says item by item; the way a replacement plan has come."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("attestation") as attestation:
        attestation.add_column(sa.Column("ticks", sa.Text(), nullable=False, server_default="[]"))
    with op.batch_alter_table("plan") as plan:
        plan.add_column(sa.Column("steps", sa.Text(), nullable=False, server_default="[]"))
