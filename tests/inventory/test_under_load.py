"""Scan, screen and export at once; killed in the middle of what people and identity do."""

import json
import subprocess
import sys
import threading
from random import Random

import pytest

from inventory.export.as_json import public_form
from inventory.query import parse
from inventory.register import Register
from inventory.types import Assessment, Attribute, Finding, FindingState, FixedClock, Severity
from tests.inventory.heard import MAC_1, MAC_2, MONDAY, WEEK, heard
from tests.inventory.test_store import kill_after

CLOCK = FixedClock(MONDAY)


@pytest.fixture
def shared_place(request, tmp_path):
    return str(tmp_path / "register.sqlite")


def test_scan_screen_and_export_at_once(shared_place):
    with Register.open(shared_place, CLOCK) as register:
        first = register.ingest([heard("10.9.0.1", MAC_1)]).new[0]
    failures, counts = [], []

    def scan():
        with Register.open(shared_place, CLOCK) as register:
            for batch in range(8):
                ten = [heard(f"10.0.{batch}.{n}", hostname=f"h{batch}-{n}") for n in range(10)]
                register.ingest(ten)

    def edit():
        with Register.open(shared_place, CLOCK) as register:
            for turn in range(12):
                register.edit([first], {Attribute.OWNER: f"person {turn}"}, "chen")
                register.page(parse("owner:person"), 0, 100)

    def export():
        with Register.open(shared_place, CLOCK) as register:
            for _turn in range(6):
                with register.reading() as frozen:
                    devices = frozen.devices()
                    counts.append(len(devices))
                    assert frozen.page(parse(""), 0, 1).total == len(devices)
                    json.dumps([public_form(device) for device in devices])

    def run(work):
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the test reports whatever went wrong
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in (scan, edit, export)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert failures == []
    assert all((count - 1) % 10 == 0 for count in counts)  # a batch is seen whole or not at all
    with Register.open(shared_place, CLOCK) as register:
        assert register.device(first).text(Attribute.OWNER) == "person 11"
        assert register.page(parse(""), 0, 1).total == 81
        assert register.audit_break() is None


WRITER = """
import sys
from inventory.register import Register
from inventory.types import Attribute, ImportRow, SystemClock
from tests.inventory.heard import heard
place, attempt = sys.argv[1:]
with Register.open(place, SystemClock()) as register:
    for turn in range(30):
        net = f"10.{attempt}.{turn}"
        rows = [ImportRow(n, {Attribute.OWNER: "Wang"}, site="hq", ip=f"{net}.{n}") for n in range(8)]
        register.import_rows(rows, "chen", name="list")
        two = register.ingest([heard(f"{net}.{n}", hostname=f"{n}-{net}") for n in (100, 101)])
        register.split(register.join(two.new, "chen").id, "chen")
        register.undo("chen", register.audit()[-3].number)
        print("done", flush=True)
"""


@pytest.mark.parametrize("kills", [3, pytest.param(200, marks=pytest.mark.slow)])
def test_killed_while_people_import_join_split_and_undo(shared_place, kills):
    """Each import is whole or not there, the log is sound, what was acknowledged is there."""
    Register.open(shared_place, CLOCK).close()
    chance = Random(kills)
    for attempt in range(kills):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, shared_place, str(attempt)], stdout=subprocess.PIPE, text=True
        )
        said = child.stdout.readline()
        kill_after(child, 0.1 * chance.random())
        acknowledged = (said + child.stdout.read()).count("done\n")
        child.stdout.close()
        with Register.open(shared_place, CLOCK, create=False) as register:
            assert register.audit_break() is None
            # each whole turn imports eight, joins and parts two, and takes its import back
            undone = sum(one.action == "undo" for one in register.audit())
            assert undone >= acknowledged
            assert register.page(parse(f"owner:wang ip:10.{attempt}.0.0/16"), 0, 1).total in (0, 8)


def test_findings_of_a_record_go_where_the_record_went():
    def finding(device, rule, opened):
        return Finding(
            f"f-{device}-{rule}", device, "g", "24", rule, FindingState.OPEN, Severity.HIGH,
            opened=opened, last_judged=opened, due=opened, reason_en="", reason_zh="",
        )  # fmt: skip

    day, later = MONDAY.date(), (MONDAY + WEEK).date()
    with Register.open(":memory:", CLOCK) as register:
        first, second = register.ingest([heard("10.0.0.5", MAC_1), heard("10.0.0.6", MAC_2)]).new
        register.edit([first], {Attribute.OWNER: "Wang"}, "chen")
        of_each = (finding(first, "r1", later), finding(second, "r1", day), finding(second, "r2", day))
        register.save_assessment(Assessment(later, findings=of_each))
        register.join([first, second], "chen")
        found = register.findings(device=second)
        assert {(one.device, one.rule, one.opened) for one in found} == {
            (first, "r1", day),
            (first, "r2", day),
        }
        register.split(first, "chen")
        assert {one.rule for one in register.findings(device=second)} == {"r1", "r2"}
