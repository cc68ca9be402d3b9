"""How the databases are spoken to."""

from typing import Any

from sqlalchemy import FromClause, Select
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler


def along(index: str | None, statement: Select[Any]) -> Select[Any]:
    """The statement, which SQLite is to read along this index of its first table."""
    if index is None:
        return statement
    return statement.with_hint(statement.get_final_froms()[0], f"INDEXED BY {index}", "sqlite")


class HintedCompiler(SQLiteCompiler):
    """Writes a table's hint behind its name, where SQLite wants it; SQLAlchemy leaves it out."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:  # noqa: ARG002, D102
        return text
