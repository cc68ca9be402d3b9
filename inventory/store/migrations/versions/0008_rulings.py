"""What is said alike of many devices is kept once; which devices were written to since they were judged."""

import hashlib
import json
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

from inventory.store.migration_columns import dates, integers, row_ids, strings, texts

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SAID = (
    *("pack", "edition", "article", "rule", "outcome", "severity", "reason_en", "reason_zh"),
    *("because", "remedy_en", "remedy_zh", "due_days"),
)
_VERDICT = sa.table("verdict", *map(sa.column, ("device", "assessment", "judged_from", "judged_on", *_SAID)))
_RULING = sa.table("ruling", *map(sa.column, ("id", "digest", *_SAID)))
_JUDGEMENT = sa.table("judgement", *map(sa.column, ("id", "digest", "rulings")))
_JUDGED = sa.table("judged", *map(sa.column, ("device", "judgement", "judged_from", "judged_to")))
_ASSESSMENT = sa.table("assessment", sa.column("id"))


def upgrade() -> None:
    with op.batch_alter_table("assessment") as assessment:
        assessment.add_column(sa.Column("basis", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "ruling",
        *row_ids("id", primary_key=True),
        sa.Column("digest", sa.String(), nullable=False, unique=True),
        *strings("pack"),
        *dates("edition"),
        *strings("article", "rule", "outcome", "severity", "reason_en", "reason_zh"),
        *texts("because"),
        *strings("remedy_en", "remedy_zh"),
        *integers("due_days"),
    )
    op.create_table(
        "judgement",
        *row_ids("id", primary_key=True),
        sa.Column("digest", sa.String(), nullable=False, unique=True),
        *texts("rulings"),
    )
    op.create_table(
        "judged",
        *row_ids("id", primary_key=True),
        *strings("device", of="device.id"),
        *row_ids("judgement", of="judgement.id"),
        *dates("judged_from"),
        *dates("judged_to", nullable=True),
    )
    now = sa.text("judged_to IS NULL")
    op.create_index("judged_device", "judged", ["device"])
    op.create_index("judged_now", "judged", ["device", "judgement"], sqlite_where=now, postgresql_where=now)
    op.create_table("unjudged", *strings("device", primary_key=True), *integers("times"))
    _carry_over(op.get_bind())
    op.drop_table("verdict")


def _carry_over(connection: sa.Connection) -> None:
    last = connection.execute(sa.select(sa.func.max(_ASSESSMENT.c.id))).scalar()
    rulings: dict[str, int] = {}
    judgements: dict[str, int] = {}
    by_device = defaultdict(list)
    for row in connection.execute(sa.select(_VERDICT).order_by(_VERDICT.c.device)).mappings().all():
        number = _number(connection, _RULING, rulings, {name: row[name] for name in _SAID})
        of_last = row["assessment"] == last
        by_device[row["device"]].append((row["judged_from"], row["judged_on"], of_last, number))
    for device, rows in by_device.items():
        begun = sorted({since for since, _on, _last, _number in rows})
        for since, following in zip(begun, [*begun[1:], None], strict=True):
            held = [row for row in rows if row[0] <= since <= row[1]]
            if following is None and any(row[2] for row in held):
                held, until = [row for row in held if row[2]], None
            else:
                until = following or max(row[1] for row in held)
            text = json.dumps(sorted(row[3] for row in held), separators=(",", ":"))
            judgement = _number(connection, _JUDGEMENT, judgements, {"rulings": text})
            values = {"device": device, "judgement": judgement, "judged_from": since, "judged_to": until}
            connection.execute(sa.insert(_JUDGED).values(values))


def _number(
    connection: sa.Connection, table: sa.TableClause, known: dict[str, int], values: dict[str, object]
) -> int:
    digest = hashlib.sha256("\x1f".join(map(str, values.values())).encode("utf-8", "replace")).hexdigest()
    if digest not in known:
        connection.execute(sa.insert(table).values(digest=digest, **values))
        number = connection.execute(sa.select(table.c.id).where(table.c.digest == digest)).scalar_one()
        known[digest] = number
    return known[digest]
