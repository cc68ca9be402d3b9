"""What people do to the register, taken back; what they bring; what they ask of its past."""

from datetime import timedelta

import pytest

from inventory.store.faults import Conflict, NotFound
from inventory.types import (
    Attribute,
    DeviceStatus,
    Duty,
    ImportRow,
    Kind,
    LineOutcome,
)
from tests.inventory.heard import MAC_1, MAC_2, MONDAY, WEEK, heard

DAY = timedelta(days=1)


class TickingClock:
    """A clock that goes on by a minute at each look, so that no two changes are of one moment."""

    def __init__(self, at=MONDAY):
        self.at = at

    def now(self):
        self.at += timedelta(minutes=1)
        return self.at


@pytest.fixture
def clock():
    return TickingClock()


@pytest.fixture
def printer(register):
    return register.ingest([heard("10.0.0.5", MAC_1, vendor="Ricoh", model="IM C3000")]).new[0]


class TestUndo:
    def test_an_edit_is_taken_back_and_the_undo_too(self, register, printer):
        register.edit([printer], {Attribute.OWNER: "Wang", Attribute.VENDOR: "Savin"}, "chen")
        register.undo("chen")
        device = register.device(printer)
        assert (device.text(Attribute.OWNER), device.text(Attribute.VENDOR)) == ("", "Ricoh")
        register.undo("chen", register.audit()[-1].number)
        assert register.device(printer).text(Attribute.OWNER) == "Wang"

    def test_each_undo_goes_one_change_further_back(self, register, printer):
        for owner in ("Wang", "Lin"):
            register.edit([printer], {Attribute.OWNER: owner}, "chen")
        register.undo("chen")
        assert register.device(printer).text(Attribute.OWNER) == "Wang"
        register.undo("chen")
        assert register.device(printer).text(Attribute.OWNER) == ""
        with pytest.raises(NotFound):
            register.undo("chen")

    def test_what_another_changed_since_is_not_trampled(self, register, printer):
        register.edit([printer], {Attribute.OWNER: "Wang"}, "chen")
        entry = register.audit()[-1].number
        register.edit([printer], {Attribute.OWNER: "Lin"}, "wu")
        with pytest.raises(Conflict, match="owner"):
            register.undo("chen", entry)
        assert register.device(printer).text(Attribute.OWNER) == "Lin"

    def test_what_a_scan_learned_since_stays(self, register, printer):
        register.edit([printer], {Attribute.OWNER: "Wang"}, "chen")
        register.ingest([heard("10.0.0.5", MAC_1, run="run-2", at=MONDAY + WEEK, firmware="2.0")])
        register.undo("chen")
        device = register.device(printer)
        assert (device.text(Attribute.OWNER), device.text(Attribute.FIRMWARE)) == ("", "2.0")

    def test_a_record_entered_by_mistake_is_gone_from_the_list_and_its_address_free(self, register):
        entered = register.enter({Attribute.PURPOSE: "fax"}, "chen", site="hq", ip="10.0.0.9")
        register.undo("chen")
        assert register.devices() == ()
        assert register.device(entered.id).status is DeviceStatus.RETIRED
        register.enter({Attribute.PURPOSE: "sensor"}, "chen", site="hq", ip="10.0.0.9")

    def test_a_status_and_an_acceptance(self, register, printer):
        register.edit([printer], {Attribute.VENDOR: "Savin"}, "chen")
        register.accept(printer, Attribute.VENDOR, "chen")
        register.set_status([printer], DeviceStatus.IN_SERVICE, "chen")
        register.undo("chen")
        assert register.device(printer).status is DeviceStatus.DISCOVERED
        register.undo("chen")
        assert register.device(printer).text(Attribute.VENDOR) == "Savin"

    def test_the_log_stays_sound(self, register, printer):
        register.edit([printer], {Attribute.OWNER: "Wang"}, "chen")
        register.undo("chen")
        assert register.audit_break() is None
        assert [entry.action for entry in register.audit(printer)] == ["edit", "undo"]


class TestSplit:
    def test_each_side_gets_back_what_it_brought(self, register, printer):
        other = register.ingest([heard("10.0.0.6", MAC_2, vendor="AXIS", ports=("tcp/554",))]).new[0]
        register.edit([other], {Attribute.OWNER: "Wang"}, "chen")
        before = {each: register.device(each) for each in (printer, other)}
        heard_before = {each: register.observations(each) for each in (printer, other)}
        kept = register.join([printer, other], "chen").id
        assert register.device(printer) == register.device(other)
        register.split(kept, "chen")
        assert {each: register.device(each) for each in (printer, other)} == before
        assert {each: register.observations(each) for each in (printer, other)} == heard_before
        assert [change.what for change in register.history(kept)][-1] == "split"

    def test_identity_does_not_join_again_what_a_person_parted(self, register):
        first = register.ingest([heard("10.0.0.5", MAC_1, serial="X123456")]).new[0]
        second = register.ingest([heard("10.0.0.6", MAC_2, vendor="AXIS")]).new[0]
        kept = register.join([first, second], "chen").id
        register.split(kept, "chen")
        for run in ("run-2", "run-3"):
            register.ingest(
                [
                    heard("10.0.0.5", MAC_1, run=run, at=MONDAY + WEEK, serial="X123456"),
                    heard("10.0.0.6", MAC_2, run=run, at=MONDAY + WEEK, vendor="AXIS"),
                ]
            )
        assert len(register.devices()) == 2

    def test_one_that_never_absorbed_anybody(self, register, printer):
        with pytest.raises(Conflict):
            register.split(printer, "chen")


class TestTwoAtOnce:
    def test_the_second_to_save_is_told_what_the_first_wrote(self, register, printer):
        seen = register.devices()
        register.edit([printer], {Attribute.OWNER: "Wang"}, "chen", seen=seen)
        with pytest.raises(Conflict, match="chen set the Owner"):
            register.edit([printer], {Attribute.OWNER: "Lin"}, "wu", seen=seen)
        register.edit([printer], {Attribute.LOCATION: "3F"}, "wu", seen=seen)
        register.edit([printer], {}, "chen", custom={"rack": "7"})
        with pytest.raises(Conflict, match="7"):
            register.edit([printer], {}, "wu", custom={"rack": "8"}, seen=seen)
        assert register.device(printer).text(Attribute.OWNER) == "Wang"

    def test_a_word_taken_back_meanwhile_is_not_said_again_unseen(self, register, printer):
        register.edit([printer], {Attribute.OWNER: "Wang"}, "chen")
        seen = register.devices()
        register.edit([printer], {Attribute.OWNER: ""}, "lin")
        with pytest.raises(Conflict, match="taken back"):
            register.edit([printer], {Attribute.OWNER: "Wu"}, "chen", seen=seen)


class TestConfirmations:
    def test_in_bulk_with_who_and_until_when_and_only_once_a_day(self, register, printer):
        other = register.ingest([heard("10.0.0.6", MAC_2)]).new[0]
        made = register.confirm([printer, other], Duty.HALF_YEARLY, "Lin", "chen")
        assert {(one.device, one.article, one.signer) for one in made} == {
            (printer, "CC-14000", "Lin"),
            (other, "CC-14000", "Lin"),
        }
        assert {(one.next_due - one.signed).days for one in made} == {181}
        assert register.confirm([printer], Duty.HALF_YEARLY, "Lin", "chen") == ()
        assert len(register.attestations()) == 2

    def test_a_confirmation_given_by_mistake_is_taken_back(self, register, printer):
        register.confirm([printer], Duty.YEARLY, "Lin", "chen")
        register.undo("chen")
        assert register.attestations() == ()


class TestDirectory:
    def test_an_entry_keeps_its_history(self, register, clock):
        register.note(Kind.OWNER, "Wang", {"department": "IT", "contact": "6101"}, "chen")
        then = clock.now()
        register.note(Kind.OWNER, "Wang", {"contact": "6202"}, "chen")
        assert [dict(one.details)["contact"] for one in register.directory(Kind.OWNER)] == ["6202"]
        assert [dict(one.details)["contact"] for one in register.directory(Kind.OWNER, as_of=then)] == [
            "6101"
        ]
        register.undo("chen")
        assert [dict(one.details)["contact"] for one in register.directory(Kind.OWNER)] == ["6101"]

    def test_a_place_brings_the_places_it_lies_in(self, register):
        register.note(Kind.PLACE, "hq/3F/copy room", {"kind": "room"}, "chen")
        assert [one.name for one in register.directory(Kind.PLACE)] == [
            "hq",
            "hq / 3F",
            "hq / 3F / copy room",
        ]

    def test_a_contract_with_its_supplier(self, register):
        register.note(Kind.CONTRACT, "M-2026-7", {"supplier": "Kyodo", "ends": "2027-03-31"}, "chen")
        (contract,) = register.directory(Kind.CONTRACT)
        assert contract.details["supplier"] == "Kyodo"


class TestImport:
    ROWS = (
        ImportRow(2, {Attribute.OWNER: "Wang", Attribute.VENDOR: "Ricoh"}, site="hq", ip="10.0.0.5"),
        ImportRow(3, {Attribute.PURPOSE: "fax"}, site="hq", segment="office"),
    )

    def test_rows_find_their_record_or_make_one_and_once_is_enough(self, register, printer):
        report = register.import_rows(self.ROWS, "chen", name="list.csv")
        assert [line.outcome for line in report.lines] == [LineOutcome.CHANGED, LineOutcome.ENTERED]
        device = register.device(printer)
        assert device.text(Attribute.OWNER) == "Wang"
        assert not device.attributes[Attribute.VENDOR].locked  # it said what the register knew
        again = register.import_rows(self.ROWS[:1], "chen", name="list.csv")
        assert (again.lines[0].outcome, again.entry) == (LineOutcome.SAME, None)

    def test_a_dry_run_reports_the_same_and_writes_nothing(self, register, printer):
        tried = register.import_rows(self.ROWS, "chen", name="list.csv", dry=True)
        assert [line.outcome for line in tried.lines] == [LineOutcome.CHANGED, LineOutcome.ENTERED]
        assert len(register.devices()) == 1
        assert register.audit() == ()

    def test_all_or_nothing_or_what_is_good(self, register):
        rows = (*self.ROWS, ImportRow(4, {Attribute.DEVICE_CLASS: "toaster"}, site="hq", ip="10.0.0.7"))
        report = register.import_rows(rows, "chen", name="list.csv")
        assert report.lines[2].outcome is LineOutcome.REFUSED
        assert "toaster" in report.lines[2].detail
        assert register.devices() == ()
        register.import_rows(rows, "chen", name="list.csv", partly=True)
        assert len(register.devices()) == 2

    def test_a_whole_import_is_undone_at_once(self, register, printer):
        before = register.device(printer)
        register.import_rows(self.ROWS, "chen", name="list.csv")
        register.undo("chen")
        assert register.devices() == (before,)

    def test_one_address_twice_is_refused(self, register):
        rows = [ImportRow(line, {Attribute.PURPOSE: "x"}, site="hq", ip="10.0.0.8") for line in (2, 3)]
        report = register.import_rows(rows, "chen", name="list.csv")
        assert [line.outcome for line in report.lines] == [LineOutcome.ENTERED, LineOutcome.REFUSED]


class TestThePast:
    def test_a_device_as_it_stood(self, register, printer, clock):
        clock.at = MONDAY + DAY
        register.edit([printer], {Attribute.OWNER: "Wang"}, "chen")
        clock.at = MONDAY + 10 * DAY
        register.edit([printer], {Attribute.OWNER: "Lin"}, "chen")
        register.set_status([printer], DeviceStatus.IN_SERVICE, "chen")
        then = register.device_at(printer, MONDAY + 5 * DAY)
        assert (then.text(Attribute.OWNER), then.status) == ("Wang", DeviceStatus.DISCOVERED)
        assert then.addresses[0].ip == "10.0.0.5"
        with pytest.raises(NotFound):
            register.device_at(printer, MONDAY - DAY)

    def test_a_list_as_it_stood(self, register, printer, clock):
        from inventory.query import parse

        clock.at = MONDAY + DAY
        register.edit([printer], {Attribute.OWNER: "Wang"}, "chen")
        register.ingest([heard("10.0.0.6", MAC_2, run="run-2", at=MONDAY + WEEK)])
        clock.at = MONDAY + 10 * DAY
        register.edit([printer], {Attribute.OWNER: "Lin"}, "chen")

        def found(text, at):
            return [device.id for device in register.page_at(parse(text), at, 0, 10).rows]

        assert found("owner:wang", MONDAY + 5 * DAY) == [printer]
        assert found("owner:wang", MONDAY + 11 * DAY) == []
        assert found("", MONDAY + 5 * DAY) == [printer]
        assert found("owner:none port:80 ip:10.0.0.0/24", MONDAY + 8 * DAY) != []

    def test_a_list_by_status_as_it_stood(self, register, printer, clock):
        from inventory.query import parse

        for day, status in ((1, DeviceStatus.CONFIRMED), (5, DeviceStatus.IN_SERVICE)):
            clock.at = MONDAY + day * DAY
            register.set_status([printer], status, "chen")

        def by_status(text, day):
            page = register.page_at(parse(f"status:{text}"), MONDAY + day * DAY, 0, 10)
            assert {device.status for device in page.rows} <= {DeviceStatus(text)}
            return page.total

        assert [by_status("confirmed", day) for day in (0.5, 2, 6)] == [0, 1, 0]
        assert [by_status("discovered", day) for day in (0.5, 2, 6)] == [1, 0, 0]
        assert [by_status("in-service", day) for day in (0.5, 2, 6)] == [0, 0, 1]

    def test_a_record_that_was_absorbed_since_stood_by_itself_then(self, register, printer, clock):
        other = register.ingest([heard("10.0.0.6", MAC_2, vendor="AXIS")]).new[0]
        clock.at = MONDAY + 3 * DAY
        register.join([printer, other], "chen")
        assert register.device_at(other, MONDAY + DAY).text(Attribute.VENDOR) == "AXIS"
        assert register.device_at(printer, MONDAY + DAY).text(Attribute.VENDOR) == "Ricoh"

    def test_a_list_counts_what_was_joined_by_what_it_then_was(self, register, printer, clock):
        from inventory.query import parse

        other = register.ingest([heard("10.0.0.6", MAC_2, vendor="AXIS", hostname="gate")]).new[0]
        clock.at = MONDAY + 3 * DAY
        stays = register.join([printer, other], "chen").id
        clock.at = MONDAY + 5 * DAY
        register.split(stays, "chen")
        clock.at = MONDAY + 7 * DAY
        register.join([printer, other], "chen")

        def listed(day, text=""):
            page = register.page_at(parse(text), MONDAY + day * DAY, 0, 10)
            assert page.total == len(page.rows)
            return {device.id for device in page.rows}

        assert [listed(day) for day in (1, 4, 6, 8)] == [{printer, other}, {stays}] * 2
        assert [listed(day, "gate") for day in (1, 6)] == [{other}] * 2
        assert register.page_at(parse(""), MONDAY + DAY, 5, 10).total == 2

    def test_what_differs_between_two_moments(self, register, printer, clock):
        clock.at = MONDAY + DAY
        register.edit([printer], {Attribute.OWNER: "Wang"}, "chen")
        clock.at = MONDAY + 10 * DAY
        register.edit([printer], {Attribute.OWNER: "Lin", Attribute.PURPOSE: "x"}, "chen")
        register.edit([printer], {Attribute.PURPOSE: ""}, "chen")
        found = register.differences(MONDAY + 5 * DAY, MONDAY + 20 * DAY)
        assert [(one.what, one.before, one.after) for one in found] == [("owner", "Wang", "Lin")]


def test_a_field_of_the_firms_own(register, printer):
    register.edit([printer], {}, "chen", custom={"rack": "R7"})
    assert register.device(printer).custom["rack"].value == "R7"
    register.undo("chen")
    assert register.device(printer).custom == {}
