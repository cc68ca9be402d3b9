"""A register of every schema that was ever released opens with this version, whole."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from random import Random

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from inventory.query import parse
from inventory.register import Register
from inventory.store.columns import Base
from inventory.store.database import KNOWN_SCHEMAS
from inventory.types import Attribute, FixedClock, Kind
from tests.inventory.heard import MONDAY, WEEK
from tests.inventory.keep_schema import KEPT
from tests.inventory.test_store import kill_after

CLOCK = FixedClock(MONDAY + 2 * WEEK)

OPENER = """
import sys
from alembic import command
from inventory.register import Register
from inventory.types import SystemClock
print("opening", flush=True)
Register.open(sys.argv[1], SystemClock(), create=False).close()
print("open", flush=True)
"""


def test_a_register_of_each_schema_is_kept():
    assert {path.stem.removeprefix("schema-") for path in KEPT.glob("*.sql")} == set(KNOWN_SCHEMAS)


@pytest.mark.parametrize("schema", KNOWN_SCHEMAS)
def test_it_opens_with_everything_it_held(tmp_path, schema):
    place = kept(tmp_path / "register.sqlite", schema)
    with Register.open(str(place), CLOCK, create=False) as register:
        with register._database.read() as reading:
            assert compare_metadata(MigrationContext.configure(reading), Base.metadata) == []
        printer = next(one for one in register.devices() if one.text(Attribute.VENDOR) == "Ricoh")
        assert printer.text(Attribute.OWNER) == "王小明"
        assert printer.text(Attribute.FIRMWARE) == "2.0"
        assert printer.custom["rack"].value == "R7"
        assert register.device_at(printer.id, MONDAY + WEEK / 2).text(Attribute.FIRMWARE) == "1.0"
        assert len(register.devices()) == 3
        assert register.directory(Kind.OWNER)[0].details["contact"] == "6101"
        assert len(register.attestations()) == 1
        assert register.audit_break() is None
        register.edit([printer.id], {Attribute.OWNER: "Wu"}, "chen")
        register.undo("chen")
        assert register.device(printer.id).text(Attribute.OWNER) == "王小明"


def test_the_end_of_support_that_a_check_saw_before_can_be_asked_for(tmp_path):
    place = kept(tmp_path / "register.sqlite", "0005")
    with closing(sqlite3.connect(place)) as connection:
        connection.execute(
            'INSERT INTO result (device, "check", outcome, reason, reason_zh, facts, evidence, first_at, at,'
            """ latest) SELECT id, 'firmware', 'fail', '', '', '{"ends":"2026-06-30"}', '[]', 0, 0, 1"""
            " FROM device WHERE vendor = 'AXIS'"
        )
        connection.commit()
    with Register.open(str(place), CLOCK, create=False) as register:
        assert [one.text(Attribute.VENDOR) for one in register.devices(parse("eol<2027"))] == ["AXIS"]


def test_verdicts_of_each_time_are_carried_over(tmp_path):
    place = kept(tmp_path / "register.sqlite", "0007")
    with closing(sqlite3.connect(place)) as connection, connection:
        device, other, *_rest = (row[0] for row in connection.execute("SELECT id FROM device ORDER BY id"))
        for number, day in ((1, "2026-01-05"), (2, "2026-01-12")):
            connection.execute(
                "INSERT INTO assessment (id, judged_on, saved_at) VALUES (?, ?, 0)", (number, day)
            )
        order = (1, 0, 4, 5, 6, 7, 8, 9, 10, 11, 2, 3, 12, 13, 14, 15)  # the table's, after its number
        said = ("guideline", "2024-12-27", "22", "owner")
        words = ("high", "Reason", "理由", '["device.owner"]', "Do", "做", 30)
        for each, last, outcome, since, until in (
            (device, 1, "breach", "2026-01-05", "2026-01-05"),
            (device, 2, "compliant", "2026-01-12", "2026-01-12"),
            (other, 2, "breach", "2026-01-05", "2026-01-12"),
        ):
            values = (each, last, since, until, *said, outcome, *words)
            connection.execute(f"INSERT INTO verdict VALUES (NULL{', ?' * 16})", [values[at] for at in order])
    with Register.open(str(place), CLOCK, create=False) as register:
        assert {(one.device, one.outcome.value) for one in register.verdicts()} == {
            (device, "compliant"),
            (other, "breach"),
        }
        assert {str(one.judged_on) for one in register.verdicts()} == {"2026-01-12"}
        assert register.verdicts(other)[0].because == ("device.owner",)
    with closing(sqlite3.connect(place)) as connection:
        times = connection.execute("SELECT device, judged_from, judged_to FROM judged").fetchall()
    assert set(times) == {
        (device, "2026-01-05", "2026-01-12"),
        (device, "2026-01-12", None),
        (other, "2026-01-05", None),
    }


@pytest.mark.parametrize("kills", [4, pytest.param(100, marks=pytest.mark.slow)])
def test_killed_while_it_is_brought_up_to_date_it_opens_with_everything(tmp_path, kills):
    chance = Random(kills)
    for attempt in range(kills):
        place = kept(tmp_path / f"{attempt}.sqlite", KNOWN_SCHEMAS[0])
        child = subprocess.Popen(
            [sys.executable, "-c", OPENER, str(place)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert child.stdout.readline() == "opening\n"
        kill_after(child, 0.6 * chance.random())
        said = child.communicate()[1]
        assert "Error" not in said
        with Register.open(str(place), CLOCK, create=False) as register:
            assert len(register.devices()) == 3
            assert register.audit_break() is None
            with register._database.read() as reading:
                assert compare_metadata(MigrationContext.configure(reading), Base.metadata) == []


def kept(place, schema):
    """A register file of that schema."""
    with closing(sqlite3.connect(place)) as connection:
        connection.executescript((KEPT / f"schema-{schema}.sql").read_text(encoding="utf-8"))
    return place
