"""Who sees to a finding and what was said of it; why an exception is needed; what a replacement may cost."""

import sqlalchemy as sa
from alembic import op

from inventory.store.migration_columns import moments, row_ids, strings

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("finding") as finding:
        finding.add_column(sa.Column("assignee", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("exception") as exception:
        exception.add_column(sa.Column("cause", sa.String(), nullable=False, server_default=""))
        exception.add_column(sa.Column("connection", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("plan") as plan:
        plan.add_column(sa.Column("budget", sa.Integer(), nullable=True))
    op.create_table(
        "comment",
        *row_ids("id", primary_key=True),
        *strings("finding"),
        *moments("at"),
        *strings("by", "text"),
    )
    op.create_index("comment_on_finding", "comment", ["finding"])
