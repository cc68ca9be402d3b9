"""Every change a person can make to the register can be taken back, and the taking back too."""

import inspect
from datetime import date, timedelta
from itertools import count

import pytest

from inventory.exits import NotAllowed
from inventory.register import Register
from inventory.roles import READS, Role, guarded
from inventory.store.faults import Conflict
from inventory.types import (
    Assessment,
    Attestation,
    Attribute,
    DeviceStatus,
    Duty,
    ExceptionRecord,
    Finding,
    FindingState,
    ImportRow,
    Kind,
    ReplacementPlan,
    Scope,
    Severity,
    Touch,
)
from tests.inventory.heard import MAC_1, MAC_2, MONDAY, heard

DAY = date(2026, 11, 23)
NET = "10.0.0.0/24"

NOT_A_PERSONS = {
    "close": "lets go of the database",
    "begin_scan": "a scan's",
    "ingest": "a scan's",
    "finish_scan": "a scan's",
    "amend_scan": "a scan's",
    "observe": "a scan's",
    "begin_login": "a check's: a login that was tried was tried",
    "settle_login": "a check's",
    "save_results": "a check's",
    "save_assessment": "the judge's",
    "keep_ruling": "a rule's",
    "keep_crossings": "a scan's",
    "keep_networks": "a scan's",
    "accept_clock": "only the log is written",
    "undo": "each test here undoes an undo",
    "change_settings": "a file's: tests/inventory/test_settings_file.py undoes it",
}
"""What changes the register and needs no undo, with the reason."""


def numbered():
    """Ids in a row, so that of two records of one age always the same one stays when they are joined."""
    numbers = count(1)
    return lambda size: (next(numbers) << 6).to_bytes(size, "big")


class TickingClock:
    """Goes on by a minute at each look."""

    def __init__(self):
        self.at = MONDAY

    def now(self):
        self.at += timedelta(minutes=1)
        return self.at


@pytest.fixture
def register(any_place):
    with Register.open(any_place, TickingClock(), entropy=numbered()) as opened:
        yield opened


@pytest.fixture
def office(register):
    """A scope, two devices that may be one and two that were, and one record of each kind."""
    register.add_scope(Scope(NET, "hq", "office", Touch.QUERY), "lin")
    made = []
    for mac, ip, name in ((MAC_1, "10.0.0.5", "cam-1"), (MAC_2, "10.0.0.6", "cam-2")):
        made += register.ingest(
            [heard(ip, mac, vendor="NoName", serial="10023456", hostname=name)]
        ).by_sighting
    first, second = (device for _sighting, device in made)
    register.edit([first], {Attribute.VENDOR: "Savin"}, "lin")
    register.edit([second], {Attribute.LOCATION: "3F"}, "lin", custom={"rack": "3"})
    register.add_plan(plan(first), "lin")
    register.add_exception(exception(first), "lin")
    register.add_plan(ReplacementPlan("p-0", (second,), "old", "new", DAY, "Wang", "draft"), "lin")
    register.note(Kind.OWNER, "Wang", {"department": "IT"}, "lin")
    old = [register.enter({Attribute.PURPOSE: text}, "lin", site="hq").id for text in ("fax", "phone")]
    register.join(old, "lin")
    finding = Finding(
        "f-1", first, "g", "24", "r", FindingState.OPEN, Severity.HIGH,
        opened=DAY, last_judged=DAY, due=DAY, reason_en="", reason_zh="",
    )  # fmt: skip
    register.save_assessment(Assessment(DAY, findings=(finding,)))
    return first, second, old


def exception(device, **changes):
    said = {"start": DAY, "expiry": DAY, "plan": "p-1"} | changes
    return ExceptionRecord("e-1", device, ("24",), "old", "fenced off", "Wang", **said)


def plan(device, state="draft"):
    return ReplacementPlan("p-1", (device,), "old", "new", DAY, "Wang", state)


CHANGES = {
    "add_scope": lambda r, *_: r.add_scope(Scope("10.1.0.0/24", "hq", "iot", Touch.QUERY), "chen"),
    "change_scope": lambda r, *_: r.change_scope(Scope(NET, "hq", "office", Touch.PASSIVE), "chen"),
    "exempt": lambda r, *_: r.exempt(NET, "10.0.0.9", "tested", "chen"),
    "remove_scope": lambda r, *_: r.remove_scope(NET, "chen"),
    "edit": lambda r, one, *_: r.edit([one], {Attribute.OWNER: "Wu"}, "chen", custom={"rack": "7"}),
    "accept": lambda r, one, *_: r.accept(one, Attribute.VENDOR, "chen"),
    "enter": lambda r, *_: r.enter({Attribute.PURPOSE: "scale"}, "chen", site="hq", ip="10.0.0.77"),
    "set_status": lambda r, one, *_: r.set_status([one], DeviceStatus.RETIRED, "chen"),
    "join": lambda r, one, other, _: r.join([one, other], "chen"),
    "join of three": lambda r, one, other, old: r.join([one, other, old[0]], "chen"),
    "keep_apart": lambda r, *_: r.keep_apart(r.review()[0].id, "chen"),
    "split": lambda r, _one, _other, old: r.split(old[0], "chen"),
    "confirm": lambda r, one, *_: r.confirm([one], Duty.YEARLY, "Wang", "chen"),
    "note": lambda r, *_: r.note(Kind.OWNER, "Wang", {"department": "Audit"}, "chen"),
    "import_rows": lambda r, one, *_: r.import_rows(
        [
            ImportRow(2, {Attribute.OWNER: "Wu"}, id=one),
            ImportRow(3, {Attribute.PURPOSE: "ups"}, site="hq", ip="10.0.0.99"),
        ],
        "chen",
        name="list",
    ),
    "add_attestation": lambda r, one, *_: r.add_attestation(
        Attestation("a-1", "28", one, True, "Wang", DAY, "minutes"), "chen"
    ),
    "add_exception": lambda r, _one, other, _: r.add_exception(
        ExceptionRecord("e-2", other, ("24",), "old", "cut off", "Wang", DAY, DAY, "p-0"), "chen"
    ),
    "change_exception": lambda r, one, *_: r.change_exception(
        exception(one, expiry=DAY + timedelta(days=1)), "chen"
    ),
    "follow_up": lambda r, *_: r.follow_up("f-1", "chen", assignee="Wu", comment="asked"),
    "add_plan": lambda r, *_: r.add_plan(ReplacementPlan("p-2", (), "old", "", DAY, "Wang", "draft"), "chen"),
    "change_plan": lambda r, one, *_: r.change_plan(plan(one, "approved"), "chen"),
    "retire_plan": lambda r, *_: r.retire_plan("p-1", "chen", "scrapped"),
}


def state(register):
    """What people see of the register."""
    return (
        register.devices(),
        register.scopes(),
        [(one.device, one.other) for one in register.review()],
        register.exceptions(),
        register.plans(),
        register.attestations(),
        [register.directory(kind) for kind in Kind],
        register.findings(),
    )


def test_every_change_of_the_register_is_undoable_or_named_with_its_reason():
    public = {
        name for name, method in inspect.getmembers(Register, inspect.isfunction) if not name.startswith("_")
    }
    assert public - READS == (set(CHANGES) | set(NOT_A_PERSONS)) - {"join of three"}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_undone_and_done_again(register, office, change):
    before = state(register)
    change(register, *office)
    after = state(register)
    assert after != before
    register.undo("chen")
    assert state(register) == before
    register.undo("chen", register.audit()[-1].number)
    assert state(register) == after
    register.undo("chen")
    assert state(register) == before, "what was done again can be undone again"
    assert register.audit_break() is None


def test_a_record_brings_the_firms_own_fields_along(register, office):
    first, second, _old = office
    joined = register.join([first, second], "chen")
    assert joined.custom["rack"].value == "3"
    parted = register.split(joined.id, "chen")
    assert {register.device(joined.id).custom == {}, parted.custom == {}} == {True, False}


def test_nothing_is_undone_twice(register, office):
    register.edit(office[:1], {Attribute.OWNER: "Wu"}, "chen")
    number = register.undo("chen")
    with pytest.raises(Conflict, match="undone already"):
        register.undo("chen", number)


def test_a_joining_under_another_is_not_undone(register, office):
    first, second, old = office
    register.join([old[0], first], "chen")
    number = register.audit()[-1].number
    register.join([old[0], second], "chen")
    with pytest.raises(Conflict, match="since"):
        register.undo("chen", number)


def test_facilities_take_back_their_own_alone(register, office):
    first, _second, _old = office
    theirs = register.audit()[-1].number
    as_facilities = guarded(register, Role.FACILITIES)
    with pytest.raises(NotAllowed):
        as_facilities.undo("chen", theirs)
    with pytest.raises(NotAllowed):
        as_facilities.undo(by="chen", entry=theirs)
    with pytest.raises(NotAllowed):
        as_facilities.edit(ids=[first], changes={Attribute.VENDOR: "Axis"}, by="chen")
    as_facilities.edit([first], {Attribute.OWNER: "Wu"}, "chen")
    as_facilities.undo("chen", register.audit()[-1].number)
    assert register.device(first).text(Attribute.OWNER) == ""
