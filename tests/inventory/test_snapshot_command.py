"""`muster snapshot` on a real register: what it makes, what it refuses, and its exit codes."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from inventory.cli.snapshot import snapshot
from inventory.console import Session
from inventory.exits import Exit, MusterError
from inventory.language import choose
from inventory.register import Register
from inventory.snapshot.folder import load
from inventory.snapshot.freezing import latest_looks
from inventory.snapshot.manifest import PUBLIC_KEY
from inventory.types import (
    AddressState,
    Assessment,
    Attribute,
    CheckOutcome,
    CheckResult,
    FixedClock,
    ScanRun,
    Scope,
    SegmentCoverage,
    VerdictOutcome,
    share,
)
from tests.inventory.frozen_office import ARTICLES, finding, verdict
from tests.inventory.frozen_office import FindingState as State
from tests.inventory.frozen_office import Severity as Level

SCANNED = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
SCANNED_ON = SCANNED.date()
JUDGED = date(2026, 6, 2)

Muster = Callable[..., Result]


@pytest.fixture(autouse=True)
def _english() -> None:
    choose("en")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A register with one scanned network, one that was never scanned, and a sensor entered by hand."""
    with Register.open(str(tmp_path / "register.sqlite"), FixedClock(SCANNED)) as register:
        register.add_scope(Scope("192.168.10.0/24", "hq", "office"), by="Lin")
        register.add_scope(Scope("192.168.30.0/24", "hq", "guest"), by="Lin")
        run = ScanRun("run-1", "hq", SCANNED)
        register.begin_scan(run)
        counts = dict.fromkeys(AddressState, 0) | {AddressState.SILENT: 250, AddressState.NOT_REACHED: 4}
        looked = SegmentCoverage("hq", "office", "192.168.10.0/24", 254, counts, "arp")
        register.finish_scan(replace(run, finished=SCANNED, coverage=(looked,)))
        register.enter(
            {Attribute.DEVICE_CLASS: "environmental-sensor", Attribute.LOCATION: "機房"}, "Lin", site="hq"
        )
    return tmp_path / "register.sqlite"


@pytest.fixture
def assessed(place: Path) -> Path:
    """The same register, judged on the day after the scan."""
    assess(place, JUDGED, VerdictOutcome.BREACH)
    return place


def assess(place: Path, on: date, outcome: VerdictOutcome) -> str:
    with Register.open(str(place), FixedClock(SCANNED)) as register:
        (device,) = register.devices()
        register.save_results(
            [CheckResult(device.id, "registration", CheckOutcome.FAIL, "owner missing", SCANNED)]
        )
        found = finding(device.id, "22", State.OPEN, date(2026, 7, 1), Level.HIGH)
        verdicts = share([verdict(device.id, "22", outcome)])
        register.save_assessment(Assessment(on, ARTICLES[:1], verdicts, (found,)))
        return device.id


@pytest.fixture
def muster(place: Path) -> Muster:
    """Runs `muster snapshot …` on that register."""

    def run(*arguments: object) -> Result:
        session = Session(register_url=str(place))
        return CliRunner().invoke(snapshot, [str(argument) for argument in arguments], obj=session)

    return run


def test_create_makes_a_signed_folder_beside_the_register(assessed: Path, muster: Muster) -> None:
    made = muster("create", "--year", "2026", "--on", "2026-06-02")
    assert made.exit_code == Exit.OK, made.output
    folder = assessed.parent / "snapshots" / "2026"
    assert "192.168.30.0/24" in made.output  # page one's caution is said on screen too
    frozen = load(folder)
    assert (frozen.label, frozen.on, frozen.assessed_on) == ("2026", JUDGED, JUDGED)
    assert len(frozen.devices) == len(frozen.verdicts) == len(frozen.findings) == len(frozen.results) == 1
    assert frozen.coverage[0].segment.counts[AddressState.NOT_REACHED] == 4
    verified = muster("verify", "2026")
    assert verified.exit_code == Exit.OK, verified.output
    assert "trusted key" in verified.output


def test_the_same_register_and_day_give_the_same_bytes(
    assessed: Path, muster: Muster, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        assert (
            muster("create", "--year", "2026", "--on", "2026-06-05", "--out", tmp_path / name).exit_code == 0
        )
    for file in (tmp_path / "first").iterdir():
        assert file.read_bytes() == (tmp_path / "second" / file.name).read_bytes(), file.name


def test_making_it_again_does_not_write_over_it(assessed: Path, muster: Muster) -> None:
    muster("create", "--year", "2026", "--on", "2026-06-02")
    refused = muster("create", "--year", "2026", "--on", "2026-06-02")
    assert isinstance(refused.exception, MusterError)
    assert refused.exception.exit_code == Exit.STORE


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--on", "2026-06-01"), "last assessment speaks of 2026-06-02"),
        (("--on", "2026-05-31"), "last assessment"),
        (("--year", "2027", "--on", "2026-06-02"), "2027 begins on 2027-01-01"),
        (("--half", "2026H2", "--on", "2026-06-02"), "2026H2 begins on 2026-07-01"),
        (("--month", "2026-07", "--on", "2026-06-02"), "2026-07 begins on 2026-07-01"),
        (("--on", "2999-01-01"), "has not come yet"),
        (("--year", "26"), "write it like 2026"),
        (("--half", "2026"), "write it like 2026H1"),
        (("--year", "2026", "--half", "2026H1"), "only one of"),
    ],
)
def test_a_date_that_makes_no_sense_is_refused_in_one_line(
    assessed: Path, muster: Muster, arguments: tuple[str, ...], said: str
) -> None:
    refused = muster("create", *arguments)
    assert isinstance(refused.exception, MusterError)
    assert refused.exception.exit_code == Exit.USAGE
    assert said in str(refused.exception)
    assert not (assessed.parent / "snapshots").exists()


def test_nothing_is_frozen_before_anything_was_assessed(muster: Muster) -> None:
    refused = muster("create", "--year", "2026")
    assert "run `muster assess` first" in str(refused.exception)


def test_a_day_before_the_scan_is_refused_because_the_register_knows_only_now(
    place: Path, muster: Muster
) -> None:
    assess(place, SCANNED_ON - timedelta(days=9), VerdictOutcome.BREACH)
    refused = muster("create", "--on", SCANNED_ON - timedelta(days=1))
    assert "filled on 2026-06-01" in str(refused.exception)


def test_an_assessment_older_than_the_scan_is_said_to_be(place: Path, muster: Muster) -> None:
    assess(place, SCANNED_ON - timedelta(days=1), VerdictOutcome.BREACH)
    made = muster("create", "--on", "2026-06-02")
    assert "newer than this judgement" in made.output


def test_an_absent_register_is_one_clear_line(tmp_path: Path) -> None:
    refused = CliRunner().invoke(
        snapshot, ["create"], obj=Session(register_url=str(tmp_path / "none.sqlite"))
    )
    assert isinstance(refused.exception, MusterError)
    assert not (tmp_path / "none.sqlite").exists()


def test_tampering_exits_with_ten_and_names_the_file(assessed: Path, muster: Muster) -> None:
    muster("create", "--year", "2026", "--on", "2026-06-02")
    file = assessed.parent / "snapshots" / "2026" / "register.json"
    file.write_bytes(file.read_bytes().replace(b"hq", b"HQ"))
    verified = muster("verify", "2026")
    assert verified.exit_code == Exit.FINDINGS
    assert "register.json is not what was signed" in verified.output


def test_a_snapshot_from_elsewhere_is_not_called_trusted_without_a_key(
    assessed: Path, muster: Muster, tmp_path: Path, tmp_path_factory
) -> None:
    elsewhere = tmp_path_factory.mktemp("auditor")
    muster("create", "--on", "2026-06-02", "--out", elsewhere / "2026")
    (assessed.parent / "snapshot-signing-key.pem").unlink()
    assert "NOT compared" in muster("verify", elsewhere / "2026").output
    told = tmp_path / "told.pem"
    told.write_bytes((elsewhere / "2026" / PUBLIC_KEY).read_bytes())
    assert "trusted key" in muster("verify", elsewhere / "2026", "--key", told).output
    told.write_text("no key")
    assert "not a snapshot's public key" in str(muster("verify", elsewhere / "2026", "--key", told).exception)


def test_the_next_year_names_its_predecessor_and_diff_tells_what_changed(
    assessed: Path, muster: Muster
) -> None:
    muster("create", "--on", "2026-06-02")
    device = assess(assessed, date(2026, 6, 20), VerdictOutcome.COMPLIANT)
    with Register.open(str(assessed), FixedClock(SCANNED + timedelta(days=20))) as register:
        register.edit([device], {Attribute.OWNER: "林美玲"}, by="Lin")
    made = muster("create", "--year", "2026", "--on", "2026-06-21")
    assert "follows   2026-06-02" in made.output
    assert "follows   2026-06-02" in muster("verify", "2026").output
    found = muster("diff", "2026-06-02", "2026", "--format", "json")
    assert found.exit_code == Exit.FINDINGS
    rows = json.loads(found.stdout)
    assert {(row["kind"], row["what"].split()[0]) for row in rows} == {
        ("changed", "owner"),
        ("verdict", "guideline-2024"),
    }
    assert {(row.get("before"), row["after"]) for row in rows} == {("", "林美玲"), ("Breach", "Compliant")}
    same = muster("diff", "2026", "2026", "--format", "json")
    assert (same.exit_code, json.loads(same.stdout)) == (Exit.OK, [])
    assert "name the earlier one first" in str(muster("diff", "2026", "2026-06-02").exception)


def test_list_and_show_print_what_was_frozen(assessed: Path, muster: Muster) -> None:
    muster("create", "--year", "2026", "--on", "2026-06-02")
    (row,) = json.loads(muster("list", "--format", "json").stdout)
    assert (row["label"], row["on"], row["devices"], row["breaching"]) == ("2026", "2026-06-02", 1, 1)
    shown = muster("show", "2026").stdout
    assert "Silence is not absence" in shown
    (article,) = json.loads(muster("show", "2026", "--format", "json").stdout)
    assert (article["article"], article["breach"], article["compliant"]) == ("Art. 22", 1, 0)


def test_an_unknown_name_lists_the_known_ones(assessed: Path, muster: Muster) -> None:
    muster("create", "--year", "2026", "--on", "2026-06-02")
    for command in (("verify", "1999"), ("show", "1999"), ("diff", "1999", "2026")):
        assert "beside the register: 2026" in str(muster(*command).exception)


def test_an_unscanned_or_interrupted_network_is_not_covered() -> None:
    scope = Scope("192.168.10.0/24", "hq", "office")
    looked = SegmentCoverage("hq", "office", "192.168.10.0/24", 254, {AddressState.SILENT: 254}, "arp")
    whole = ScanRun("a", "hq", SCANNED, SCANNED, coverage=(looked,))
    stopped = ScanRun("b", "hq", SCANNED + timedelta(days=1), None, stopped=True, coverage=(looked,))
    assert latest_looks([scope], []) == ()
    assert [record.run for record in latest_looks([scope], [whole, stopped])] == ["a"]
    (record,) = latest_looks([scope], [stopped])
    assert (record.finished, record.stopped) == (None, True)
    assert latest_looks([replace(scope, network="192.168.11.0/24")], [whole]) == ()


def test_a_copy_without_names_is_made_and_proved(assessed: Path, muster: Muster) -> None:
    muster("create", "--year", "2026", "--on", "2026-06-02")
    made = muster("copy", "2026", "--redact")
    assert made.exit_code == Exit.OK, made.output
    copy = assessed.parent / "snapshots" / "2026-redacted"
    assert "person:Lin" not in (copy / "snapshot.json").read_text("utf-8")
    proved = muster("verify", "2026-redacted", "--original", "2026")
    assert proved.exit_code == Exit.OK, proved.output
    assert "NOT compared" not in proved.output
    assert "NOT compared with it: give --original" in muster("verify", "2026-redacted").output


def test_what_was_tampered_with_is_not_copied(assessed: Path, muster: Muster) -> None:
    muster("create", "--year", "2026", "--on", "2026-06-02")
    (assessed.parent / "snapshots" / "2026" / "register.csv").write_text("")
    refused = muster("copy", "2026", "--redact")
    assert isinstance(refused.exception, MusterError)
    assert "register.csv" in str(refused.exception)
    assert not (assessed.parent / "snapshots" / "2026-redacted").exists()
