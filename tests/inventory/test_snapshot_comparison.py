"""What a comparison of two snapshots tells an auditor."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from inventory.snapshot.causes import Cause, CauseKind
from inventory.snapshot.comparison import compare
from inventory.types import (
    Attribute,
    CheckOutcome,
    CheckResult,
    DeviceStatus,
    Held,
    VerdictOutcome,
    each_alone,
    share,
)
from tests.inventory.frozen_office import CAMERA, LIAR, OFFICE, PRINTER, SCANNED, SENSOR, verdict

LATER = replace(OFFICE, label="2027", on=date(2027, 11, 20))


def with_devices(*devices):
    return replace(LATER, devices=devices)


def test_a_snapshot_differs_in_nothing_from_itself() -> None:
    found = compare(OFFICE, OFFICE)
    assert found.same


def test_devices_that_came_and_went_are_told_apart_from_those_not_met() -> None:
    new = replace(PRINTER, id="d-0099")
    met = replace(PRINTER, last_seen=SCANNED + timedelta(days=365))
    retired = replace(CAMERA, status=DeviceStatus.RETIRED)
    found = compare(OFFICE, with_devices(new, met, retired, SENSOR))
    assert [device.id for device in found.added] == ["d-0099"]
    assert [device.id for device in found.gone] == ["d-0021", "d-0022", "d-0031"]
    assert [device.id for device in found.not_confirmed] == ["d-0041"]


def test_what_a_person_enters_confirms_a_device_no_scan_can_see() -> None:
    entered = Held("機房", "person:Lin", SCANNED + timedelta(days=300), 1.0, locked=True)
    kept = replace(SENSOR, attributes={**SENSOR.attributes, Attribute.LOCATION: entered})
    assert compare(OFFICE, with_devices(kept)).not_confirmed == ()


def test_each_changed_value_is_named_with_both_sides() -> None:
    attributes = {**PRINTER.attributes, Attribute.FIRMWARE: Held("1.09", "snmp", SCANNED)}
    moved = replace(PRINTER, segment="iot", attributes=attributes, services=PRINTER.services[:1])
    found = compare(OFFICE, with_devices(moved))
    assert {(change.what, change.before, change.after) for change in found.changed} == {
        ("firmware", "1.07", "1.09"),
        ("segment", "office", "iot"),
        ("services", "tcp/443, tcp/80, tcp/9100, udp/161", "tcp/80"),
    }


def test_a_value_that_a_newer_scan_merely_confirms_is_no_change() -> None:
    later = {name: replace(held, at=held.at + timedelta(days=9)) for name, held in PRINTER.attributes.items()}
    assert compare(OFFICE, with_devices(replace(PRINTER, attributes=later))).changed == ()


def test_a_verdict_that_changed_tells_rule_reason_edition_and_evidence() -> None:
    mended = replace(verdict("d-0021", "22", VerdictOutcome.COMPLIANT), edition=date(2027, 1, 1))
    kept = tuple(v for v in each_alone(OFFICE.verdicts) if (v.device, v.article) != ("d-0021", "22"))
    (change,) = compare(OFFICE, replace(LATER, verdicts=share([*kept, mended]))).verdicts
    assert (change.device, change.article, change.rule) == ("d-0021", "22", "rule-22")
    assert (change.before, change.after) == (VerdictOutcome.BREACH, VerdictOutcome.COMPLIANT)
    assert change.editions == (date(2024, 12, 27), date(2027, 1, 1))
    assert change.because == ("check.registration",)


def test_a_rule_that_no_longer_speaks_of_a_device_is_a_change() -> None:
    kept = tuple(v for v in each_alone(OFFICE.verdicts) if v.device != LIAR.id)
    gone = compare(OFFICE, replace(LATER, verdicts=share(kept))).verdicts
    assert {(change.article, change.after) for change in gone} == {("22", None), ("23", None)}


def changed_verdict(earlier, later, *, because=("check.registration",)):
    """The one verdict that differs between the snapshots once the printer's is another."""
    old = replace(verdict(PRINTER.id, "22", VerdictOutcome.COMPLIANT), because=because)
    new = replace(verdict(PRINTER.id, "22", VerdictOutcome.BREACH), because=because)
    (change,) = changes([old], [new], earlier, later)
    return change


def changes(old, new, earlier=OFFICE, later=OFFICE):
    """How the verdicts differ where these alone were judged."""
    return compare(replace(earlier, verdicts=share(old)), replace(later, verdicts=share(new))).verdicts


def checked(outcome, expires=None, **facts):
    return CheckResult(PRINTER.id, "registration", outcome, "said", SCANNED, expires, facts=facts)


def test_evidence_under_a_changed_verdict_is_named_fact_by_fact() -> None:
    before = replace(OFFICE, results=(checked(CheckOutcome.PASS, owner="yes", state="fresh"),))
    after = replace(OFFICE, results=(checked(CheckOutcome.FAIL, owner="no", state="fresh"),))
    assert changed_verdict(before, after).causes == (
        Cause(CauseKind.EVIDENCE, "registration outcome", "pass", "fail"),
        Cause(CauseKind.EVIDENCE, "registration owner", "yes", "no"),
    )


def test_evidence_that_has_expired_is_a_cause() -> None:
    kept = (checked(CheckOutcome.PASS, SCANNED + timedelta(days=30)),)
    change = changed_verdict(
        replace(OFFICE, results=kept), replace(LATER, results=kept, exceptions=(), plans=(), attestations=())
    )
    assert Cause(CauseKind.EVIDENCE, "registration outcome", "pass", "expired") in change.causes


def test_a_device_that_changed_is_a_cause_where_the_verdict_rests_on_it() -> None:
    attributes = {**PRINTER.attributes, Attribute.FIRMWARE: Held("1.09", "snmp", SCANNED)}
    after = replace(OFFICE, devices=(replace(PRINTER, attributes=attributes),))
    (cause,) = changed_verdict(OFFICE, after, because=("attribute.firmware",)).causes
    assert cause == Cause(CauseKind.DEVICE, "firmware", "1.07", "1.09")
    assert changed_verdict(OFFICE, after, because=("attribute.vendor",)).causes[0].kind is CauseKind.TIME


def test_a_device_that_came_is_the_cause_of_its_verdicts() -> None:
    before = replace(OFFICE, devices=OFFICE.devices[1:])
    assert changed_verdict(before, OFFICE).causes == (Cause(CauseKind.DEVICE, "register", "", PRINTER.id),)


def test_an_exception_that_lapsed_is_a_cause() -> None:
    old = verdict(PRINTER.id, "23", VerdictOutcome.EXCEPTED)
    new = verdict(PRINTER.id, "23", VerdictOutcome.BREACH)
    (change,) = changes([old], [new], OFFICE, LATER)
    lapsed = Cause(
        CauseKind.RECORD,
        "exception e-1",
        "23 2026-01-01 – 2026-12-31",
        "23 2026-01-01 – 2026-12-31 (not in force)",
    )
    assert change.causes == (lapsed,)


@pytest.mark.parametrize(
    ("because", "what"),
    [("plans", "plan p-1"), ("attestation.a-1", "attestation a-1"), ("exceptions", "exception e-1")],
)
def test_a_record_is_a_cause_where_the_verdict_rests_on_it(because, what) -> None:
    (cause,) = changed_verdict(OFFICE, LATER, because=(because,)).causes
    assert (cause.kind, cause.what) == (CauseKind.RECORD, what)


def test_the_next_edition_of_a_regulation_is_a_cause_not_a_new_rule() -> None:
    old = replace(
        verdict(PRINTER.id, "22", VerdictOutcome.COMPLIANT, pack="guideline-2022"), edition=date(2022, 5, 11)
    )
    new = verdict(PRINTER.id, "22", VerdictOutcome.BREACH)
    (change,) = changes([old], [new])
    assert (change.before, change.after) == (VerdictOutcome.COMPLIANT, VerdictOutcome.BREACH)
    edition = Cause(CauseKind.EDITION, "pack", "guideline-2022 (2022-05-11)", "guideline-2024 (2024-12-27)")
    assert change.causes == (edition,)
    same = replace(new, outcome=VerdictOutcome.COMPLIANT)
    assert changes([old], [same]) == ()


def test_both_editions_side_by_side_are_compared_each_with_itself() -> None:
    old = replace(
        verdict(PRINTER.id, "22", VerdictOutcome.COMPLIANT, pack="guideline-2022"), edition=date(2022, 5, 11)
    )
    new = verdict(PRINTER.id, "22", VerdictOutcome.BREACH)
    both = replace(OFFICE, verdicts=share([old, new]))
    assert compare(both, both).verdicts == ()
    (change,) = compare(replace(OFFICE, verdicts=share([old])), both).verdicts
    assert (change.pack, change.before, change.after) == ("guideline-2024", None, VerdictOutcome.BREACH)


def test_newer_software_and_the_day_are_what_is_left() -> None:
    after = replace(OFFICE, on=date(2026, 11, 21), versions={"muster": "0.2.0", "form": "1"})
    assert changed_verdict(OFFICE, after).causes == (
        Cause(CauseKind.SOFTWARE, "muster", "0.1.0", "0.2.0"),
        Cause(CauseKind.TIME, "day", "2026-11-20", "2026-11-21"),
    )
