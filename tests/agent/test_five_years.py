"""Five years of one office, from sightings to snapshots: the diffs tell what happened, on what evidence."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.service.assess import assess, check
from inventory.register import Register
from inventory.settings import Settings
from inventory.snapshot.causes import CauseKind
from inventory.snapshot.comparison import Comparison, VerdictChange, compare
from inventory.snapshot.folder import load, write
from inventory.snapshot.freezing import build, chained
from inventory.snapshot.signing import Signer
from inventory.snapshot.verification import verify
from inventory.types import (
    Attribute,
    Claim,
    Device,
    DeviceStatus,
    ExceptionRecord,
    Fact,
    FixedClock,
    Observation,
    ScanRun,
    Sighting,
    Target,
    VerdictOutcome,
)
from policies.pack import chosen_packs

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
YEARS = range(2022, 2027)
BREACH, COMPLIANT = VerdictOutcome.BREACH, VerdictOutcome.COMPLIANT
EXCEPTED, UNDETERMINED = VerdictOutcome.EXCEPTED, VerdictOutcome.UNDETERMINED


@dataclass(frozen=True, slots=True)
class Box:
    """One device as scans hear it, and from when until when."""

    ip: str
    mac: str
    kind: str
    vendor: str
    model: str
    firmware: str
    first: int = 2022
    last: int = 2026


PRINTER = Box("10.1.0.5", "00:26:73:00:00:05", "printer", "Ricoh", "IM C3000", "1.07")
CAMERA = Box("10.1.0.6", "AC:CC:8E:00:00:06", "camera", "Axis", "M3045-V", "8.40.1", last=2025)
SUCCESSOR = Box("10.1.0.7", "AC:CC:8E:00:00:07", "camera", "Axis", "P3265-LV", "11.11.73", first=2026)
VISITOR = Box("10.1.0.8", "00:15:65:00:00:08", "phone", "Yealink", "SIP-T46S", "66.86.0.15", last=2022)
OFFICE = (PRINTER, CAMERA, SUCCESSOR, VISITOR)


def scan(register: Register, at: datetime) -> None:
    """One scan of the office as it is in that year; the printer's SNMP community was changed in 2024."""
    run = ScanRun(f"run-{at:%Y}", "admin", at)
    register.begin_scan(run)
    register.ingest([sighting(box, run.id, at) for box in OFFICE if box.first <= at.year <= box.last])
    register.finish_scan(ScanRun(run.id, "admin", at, at + timedelta(minutes=5)))


def sighting(box: Box, run: str, at: datetime) -> Sighting:
    target = Target(box.ip, box.mac, "hq", "office")
    observed = [Observation(run, "admin", target, "tcp-syn", at, (Fact("port.state", "open"),), "tcp/443")]
    if box is PRINTER:
        community = "public" if at.year < 2024 else "***"
        facts = (Fact("snmp.community", community), Fact("snmp_sysdescr", box.model))
        observed.append(Observation(run, "admin", target, "snmp", at, facts, "udp/161", f"sha256:{at.year}"))
    said = {
        Attribute.DEVICE_CLASS: box.kind,
        Attribute.VENDOR: box.vendor,
        Attribute.MODEL: box.model,
        Attribute.FIRMWARE: box.firmware,
        Attribute.MAC: box.mac,
    }
    claims = tuple(Claim(attribute, value, 0.9, "test", "snmp") for attribute, value in said.items())
    return Sighting(run, target, at, tuple(observed), claims)


def people(register: Register, year: int) -> None:
    """What people did before that year's snapshot."""
    if year == 2023:
        printer = device(register, PRINTER)
        fields = {
            Attribute.OWNER: "林美玲",
            Attribute.LOCATION: "三樓文印室",
            Attribute.PURPOSE: "部門列印",
            Attribute.CONNECTION_METHOD: "wired",
            Attribute.DECLARED_PORTS: "tcp/443",
        }
        register.edit([printer.id], fields, by="林美玲")
    if year == 2024:
        camera = device(register, CAMERA).id
        words = ("no update is published any more", "own segment, no way out", "張主任")
        until = (date(2024, 11, 1), date(2025, 10, 31))
        register.add_exception(ExceptionRecord("e-1", camera, ("23",), *words, *until, "p-1"), by="張主任")
    if year == 2026:
        register.set_status([device(register, CAMERA).id], DeviceStatus.RETIRED, by="陳志豪")


def device(register: Register, box: Box) -> Device:
    return next(each for each in register.devices() if each.text(Attribute.MODEL) == box.model)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The snapshots 2022 … 2026 of one register, each chained to the one before."""
    folder = tmp_path_factory.mktemp("office")
    snapshots = folder / "snapshots"
    clock = FixedClock(datetime(2022, 11, 10, 2, 0, tzinfo=UTC))
    with Register.open(str(folder / "register.sqlite"), clock) as register:
        for year in YEARS:
            clock.advance(datetime(year, 11, 10, 2, 0, tzinfo=UTC) - clock.now())
            scan(register, clock.now())
            people(register, year)
            check(register, Settings(), clock)
            edition = "guideline-2022" if year < 2025 else "guideline-2024"
            assess(register, chosen_packs([edition]), date(year, 11, 20))
            frozen = build(register, label=str(year), on=date(year, 11, 20), version="0.1.0")
            write(chained(frozen, snapshots), snapshots / str(year), SIGNER)
    return snapshots


def between(history: Path, year: int) -> Comparison:
    """What is different in that year's snapshot."""
    return compare(load(history / str(year - 1)), load(history / str(year)))


def verdict(found: Comparison, box: str, article: str, rule: str) -> VerdictChange:
    (change,) = (c for c in found.verdicts if (c.device, c.article, c.rule) == (box, article, rule))
    return change


def ident(history: Path, box: Box) -> str:
    return next(
        each.id
        for year in YEARS
        for each in load(history / str(year)).devices
        if each.text(Attribute.MODEL) == box.model
    )


def told(change: VerdictChange) -> dict[str, tuple[str, str]]:
    """What differs under the verdict, by name."""
    return {cause.what: (cause.before, cause.after) for cause in change.causes}


def test_every_snapshot_verifies_and_names_the_one_before(history: Path) -> None:
    for year in YEARS:
        seen = verify(history / str(year), SIGNER.public_pem)
        assert seen.problems == ()
        assert (seen.previous.label if seen.previous else "") == ("" if year == 2022 else str(year - 1))
    assert [standing.label for standing in load(history / "2026").trend] == ["2022", "2023", "2024", "2025"]


def test_2023_somebody_registered_the_printer_and_the_visitor_was_not_met_again(history: Path) -> None:
    found = between(history, 2023)
    printer, visitor = ident(history, PRINTER), ident(history, VISITOR)
    registered = verdict(found, printer, "23", "registration-basic-fields")
    assert (registered.before, registered.after) == (BREACH, COMPLIANT)
    assert told(registered)["registration outcome"] == ("fail", "pass")
    assert [one.id for one in found.not_confirmed] == [visitor]
    assert verdict(found, visitor, "23", "registration-found").after is UNDETERMINED


def test_2024_the_cameras_updates_ended_and_it_was_excepted(history: Path) -> None:
    found = between(history, 2024)
    ended = verdict(found, ident(history, CAMERA), "24", "product-supported")
    assert (ended.before, ended.after) == (COMPLIANT, EXCEPTED)
    assert told(ended)["firmware state"][1] == "security-ended"
    assert told(ended)["exception e-1"] == ("", "23 2024-11-01 – 2025-10-31")


def test_2024_a_changed_community_is_no_proof_of_a_login(history: Path) -> None:
    printer = ident(history, PRINTER)
    changed = verdict(between(history, 2024), printer, "25", "login-required")
    assert (changed.before, changed.after) == (BREACH, UNDETERMINED)
    assert told(changed)["default_login open"] == ("snmp-public", "")
    before = load(history / "2023")
    (result,) = (r for r in before.results if (r.device, r.check) == (printer, "default_login"))
    assert result.evidence == (
        "sha256:2022",
    )  # the reply, kept in the register; the next year's said the same


def test_2025_the_exception_lapsed_and_the_new_edition_is_named_as_a_cause(history: Path) -> None:
    found = between(history, 2025)
    lapsed = verdict(
        found, ident(history, CAMERA), "23", "product-supported"
    )  # Art. 24 of the edition before
    assert (lapsed.before, lapsed.after) == (EXCEPTED, BREACH)
    assert told(lapsed)["exception e-1"][1].endswith("(not in force)")
    edition = ("guideline-2022 (2022-05-11)", "guideline-2024 (2024-12-27)")
    assert all(told(change)["pack"] == edition for change in found.verdicts)
    asked_anew = {change.rule for change in found.verdicts if change.before is None}
    assert asked_anew == {"registration-fields", "registration-ports"}


def test_2026_the_camera_went_and_its_successor_came(history: Path) -> None:
    found = between(history, 2026)
    camera, successor = ident(history, CAMERA), ident(history, SUCCESSOR)
    assert [one.id for one in found.gone] == [camera]
    assert [one.id for one in found.added] == [successor]
    of_the_two = [change for change in found.verdicts if change.device in (camera, successor)]
    assert {cause.kind for change in of_the_two for cause in change.causes} == {CauseKind.DEVICE}
    assert {change.device for change in found.verdicts} == {camera, successor}


def test_no_change_of_a_verdict_is_left_without_a_cause(history: Path) -> None:
    for year in YEARS[1:]:
        assert all(change.causes for change in between(history, year).verdicts)
