"""Exemptions from do-not-probe entries, each with who, when, why and until when."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("scope") as scope:
        scope.add_column(sa.Column("exemptions", sa.Text(), nullable=False, server_default="[]"))
