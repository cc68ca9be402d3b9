"""Columns by the kind of what they hold, several at a time: the words migrations are written in."""

from functools import partial
from typing import Any

import sqlalchemy as sa


def _columns(
    kind: sa.types.TypeEngine[Any],
    *names: str,
    nullable: bool = False,
    primary_key: bool = False,
    of: str = "",
) -> list[sa.Column[Any]]:
    return [
        sa.Column(
            name, kind, *([sa.ForeignKey(of)] if of else []), nullable=nullable, primary_key=primary_key
        )
        for name in names
    ]


strings = partial(_columns, sa.String())
texts = partial(_columns, sa.Text())
flags = partial(_columns, sa.Boolean())
floats = partial(_columns, sa.Float())
integers = partial(_columns, sa.Integer())
dates = partial(_columns, sa.Date())
moments = partial(_columns, sa.BigInteger())  # microseconds since 1970, UTC
row_ids = partial(_columns, sa.BigInteger().with_variant(sa.Integer(), "sqlite"))
