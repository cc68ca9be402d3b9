"""What a comparison of two snapshots tells an auditor."""

from dataclasses import replace
from datetime import date, timedelta

from inventory.snapshot.comparison import compare
from inventory.types import Attribute, DeviceStatus, Held, VerdictOutcome
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
    kept = tuple(v for v in OFFICE.verdicts if (v.device, v.article) != ("d-0021", "22"))
    (change,) = compare(OFFICE, replace(LATER, verdicts=(*kept, mended))).verdicts
    assert (change.device, change.article, change.rule) == ("d-0021", "22", "rule-22")
    assert (change.before, change.after) == (VerdictOutcome.BREACH, VerdictOutcome.COMPLIANT)
    assert change.editions == (date(2024, 12, 27), date(2027, 1, 1))
    assert change.because == ("check.registration",)


def test_a_rule_that_no_longer_speaks_of_a_device_is_a_change() -> None:
    kept = tuple(v for v in OFFICE.verdicts if v.device != LIAR.id)
    gone = compare(OFFICE, replace(LATER, verdicts=kept)).verdicts
    assert {(change.article, change.after) for change in gone} == {("22", None), ("23", None)}
