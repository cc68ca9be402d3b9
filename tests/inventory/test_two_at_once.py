"""Two people at once, each at a command line: the second is told what the first wrote, nothing is lost."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from inventory.exits import Exit
from inventory.store.faults import Conflict
from inventory.types import Attribute, DeviceStatus, Duty, Kind
from tests.inventory.heard import MAC_1, heard

LATER = ("--due", "2027-03-31")


@pytest.fixture
def printer(register):
    return register.ingest([heard("10.0.0.5", MAC_1, vendor="RICOH")]).new[0]


@pytest.fixture
def at_once(muster, monkeypatch):
    """Lin writes first; then chen, who looked before that: what chen is told, and what he gets now."""

    def run(theirs, mine):
        looked = datetime.now(UTC).isoformat()
        monkeypatch.setenv("MUSTER_OPERATOR", "lin")
        code, said = muster(*theirs)
        assert code == Exit.OK, said
        monkeypatch.setenv("MUSTER_OPERATOR", "chen")
        refused = muster(*mine, "--seen", looked)
        return refused, muster(*mine, "--seen", datetime.now(UTC).isoformat())

    return run


def changes(printer):
    """What two people may do to one thing, as command lines, and the words the second is told."""
    edit, status = ("register", "edit", printer), ("register", "status")
    return {
        "edit": ((*edit, "--owner", "Wu"), (*edit, "--owner", "Hu"), "owner is 'Wu', yours 'Hu'"),
        "status": (
            (*status, "in-service", printer),
            (*status, "confirmed", printer),
            "status is 'in-service', yours 'confirmed'",
        ),
        "confirm": ((*edit, "--owner", "Wu"), ("register", "confirm", "--device", printer), "owner 'Wu'"),
        "directory": (
            ("register", "directory", "owner", "Wu", "--set", "contact=6101"),
            ("register", "directory", "owner", "Wu", "--set", "contact=6202"),
            "contact is '6101', yours '6202'",
        ),
        "scope": (
            ("scope", "change", "10.0.0.0/24", "--touch", "login"),
            ("scope", "change", "10.0.0.0/24", "--touch", "passive"),
            "touch is 'login', yours 'passive'",
        ),
        "plan": (
            ("plan", "advance", "plan-1", "--due", "2027-09-30"),
            ("plan", "advance", "plan-1", "--to", "ordered"),
            "due is '2027-09-30'",
        ),
        "finding": (
            ("findings", "assign", "f-0", "Wu"),
            ("findings", "assign", "f-0", "Hu"),
            "assignee is 'Wu', yours 'Hu'",
        ),
        "import": (
            (*edit, "--location", "3F"),
            ("import", "register", "list.csv"),
            "location is '3F', yours '4F'",
        ),
    }


@pytest.mark.parametrize("what", changes(""))
def test_the_second_is_told_both_values_and_may_then_go_on(what, muster, office, place, at_once):
    printer = office[0]
    muster("scope", "add", "10.0.0.0/24", "--site", "hq", "--segment", "office")
    muster("register", "directory", "owner", "Wu", "--set", "contact=6000")
    plan = muster("plan", "new", printer, "--reason", "old", *LATER)[1].split()[0]
    place.with_name("list.csv").write_text(f"id,location\n{printer},4F\n", encoding="utf-8")
    theirs, mine, words = changes(printer)[what]
    theirs, mine = ([plan if word == "plan-1" else word for word in line] for line in (theirs, mine))
    (code, said), (again, _said) = at_once(theirs, mine)
    assert code == Exit.CONFLICT, said
    assert "lin changed" in said
    assert words in said
    assert again == Exit.OK


def test_an_exception_that_another_has_ended_is_not_ended_unseen(muster, office, at_once):
    plan = muster("plan", "new", office[0], "--reason", "old", "--due", "2099-12-31")[1].split()[0]
    words = ("--cause", "weakness", "--connection", "disconnected", "--reason", "r", "--control", "c")
    made = muster(
        *("exception", "add", office[0], "--article", "24", *words, "--approver", "Lin"),
        *("--plan", plan, "--until", "2099-12-31"),
    )[1]
    name = made.split()[0]
    (code, said), _ = at_once(
        ("exception", "end", name, "--on", "2098-12-31"), ("exception", "end", name, "--on", "2097-12-31")
    )
    assert (code, "expiry is '2098-12-31', yours '2097-12-31'" in said) == (Exit.CONFLICT, True), said


def test_the_same_said_twice_and_what_another_left_alone_are_no_conflict(muster, office, at_once):
    edit = ("register", "edit", office[0])
    (same, _said), _ = at_once((*edit, "--owner", "Wu"), (*edit, "--owner", "Wu"))
    (other, _said), _ = at_once((*edit, "--owner", "Hu"), (*edit, "--location", "3F"))
    assert (same, other) == (Exit.OK, Exit.OK)
    (row,) = json.loads(muster("register", "show", office[0], "--format", "json")[1])
    assert (row["owner"], row["location"]) == ("Hu", "3F")


def test_a_moment_still_to_come_and_a_word_that_is_none_are_refused(muster, office):
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    for moment in (later, "yesterday", "0001-01-01T00:00+14:00"):
        assert muster("register", "status", "confirmed", office[0], "--seen", moment)[0] == Exit.USAGE
    assert muster("register", "status", "confirmed", office[0], "--seen", "2026-01-05")[0] == Exit.OK


def test_what_is_changed_between_a_commands_own_reading_and_writing_is_not_lost(register, printer):
    register.note(Kind.SUPPLIER, "Kyodo", {"contact": "1"}, "lin")
    chen = register.since(register.looked())
    register.edit([printer], {Attribute.OWNER: "Wu"}, "lin")
    register.note(Kind.SUPPLIER, "Kyodo", {"contact": "2"}, "lin")
    with pytest.raises(Conflict, match="owner is 'Wu', yours 'Hu'"):
        chen.edit([printer], {Attribute.OWNER: "Hu"}, "chen")
    with pytest.raises(Conflict, match="contact is '2', yours '3'"):
        chen.note(Kind.SUPPLIER, "Kyodo", {"contact": "3"}, "chen")
    with pytest.raises(Conflict, match="owner 'Wu'"):
        chen.confirm([printer], Duty.YEARLY, "chen", "chen")
    assert register.device(printer).text(Attribute.OWNER) == "Wu"
    assert len(register.audit()) == 3
    chen.set_status([printer], DeviceStatus.IN_SERVICE, "chen")
    chen.set_status([printer], DeviceStatus.RETIRED, "chen")  # his own change is no surprise to him
    assert register.device(printer).status is DeviceStatus.RETIRED


def test_what_came_back_to_what_was_seen_is_no_conflict(register, printer):
    register.edit([printer], {Attribute.OWNER: "Wu"}, "lin")
    chen = register.since(register.looked())
    register.edit([printer], {Attribute.OWNER: "Hu"}, "lin")
    register.undo("lin")
    chen.edit([printer], {Attribute.OWNER: "Yu"}, "chen")
    assert register.device(printer).text(Attribute.OWNER) == "Yu"


def test_only_the_value_that_was_seen_is_accepted(register, printer):
    register.edit([printer], {Attribute.VENDOR: "NRG"}, "chen")
    with pytest.raises(Conflict, match="'RICOH', not 'AXIS'"):
        register.accept(printer, Attribute.VENDOR, "chen", "AXIS")
    register.accept(printer, Attribute.VENDOR, "chen", "RICOH")
    assert register.device(printer).text(Attribute.VENDOR) == "RICOH"
