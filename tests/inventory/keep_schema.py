"""Writes `kept/schema-NNNN.sql`, a register of the present schema, for later versions to open.

`python -m tests.inventory.keep_schema`; a file of a released schema is never written again.
"""

import sqlite3
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random

from inventory.register import Register
from inventory.store.database import SCHEMA
from inventory.types import Attribute, Duty, Kind
from tests.inventory.heard import MAC_1, MAC_2, MONDAY, WEEK, heard

KEPT = Path(__file__).parent / "kept"


class Ticking:
    """A clock that goes on by a minute at each look."""

    at = MONDAY

    def now(self):
        """The next minute."""
        self.at += timedelta(minutes=1)
        return self.at


def fill(register):
    """A little of everything a register holds."""
    printer, _camera = register.ingest(
        [
            heard("10.0.0.5", MAC_1, vendor="Ricoh", model="IM C3000", firmware="1.0"),
            heard("10.0.0.6", MAC_2, vendor="AXIS"),
        ]
    ).new
    said = {Attribute.OWNER: "王小明", Attribute.LOCATION: "hq / 3F"}
    register.edit([printer], said, "chen", custom={"rack": "R7"})
    later = heard("10.0.0.5", MAC_1, run="run-2", at=MONDAY + WEEK, vendor="Ricoh", firmware="2.0")
    register.ingest([later])
    register.enter({Attribute.PURPOSE: "fax"}, "chen", site="hq")
    register.confirm([printer], Duty.YEARLY, "Lin", "chen")
    register.note(Kind.OWNER, "王小明", {"contact": "6101"}, "chen")
    register.edit([printer], {Attribute.OWNER: "Lin"}, "chen")
    register.undo("chen")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "register.sqlite"
        with Register.open(str(place), Ticking(), entropy=Random(7).randbytes) as made:
            fill(made)
        with closing(sqlite3.connect(place)) as connection:
            dump = "\n".join(connection.iterdump())
    KEPT.mkdir(exist_ok=True)
    (KEPT / f"schema-{SCHEMA}.sql").write_text(dump + "\n", encoding="utf-8")
