"""The firmware check with feeds: old evidence judged anew, makers by evidence, and a look ahead."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from feed_files import KEV, cpe, match, nvd, product, products, release, weakness

from agent.checks import firmware
from agent.checks.knowledge import NOTHING, Knowledge, gather
from agent.checks.runner import run, versions
from agent.checks.subject import Measures, Subject
from agent.cli.check import check as check_command
from agent.cli.feed import feed as feed_command
from agent.feeds.formats import read_feed
from agent.feeds.shelf import shelf_beside
from agent.service.assess import check
from agent.service.forecast import forecast
from inventory.console import Session
from inventory.exits import BadInput, UsageFault
from inventory.register import Register
from inventory.settings import Settings
from inventory.types import (
    Attribute,
    CheckOutcome,
    Claim,
    Device,
    DeviceStatus,
    Fact,
    FixedClock,
    Held,
    Identifier,
    IdentifierKind,
    Observation,
    ScanRun,
    Sighting,
    Target,
)

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
TARGET = Target("192.168.10.5", None, "hq", "office")
X9 = cpe("o", "acme", "x9_firmware")


def device(vendor: str, model: str, version: str, *identifiers: Identifier) -> Device:
    values = {Attribute.VENDOR: vendor, Attribute.MODEL: model, Attribute.FIRMWARE: version}
    held = {key: Held(value, "snmp", NOW, locked=False) for key, value in values.items() if value}
    return Device("d-1", DeviceStatus.DISCOVERED, "hq", "office", NOW, NOW, held, identifiers=identifiers)


def knowing(*contents: bytes) -> Knowledge:
    return gather(read_feed(content, "feed.json") for content in contents)


def subject(given: Device, known: Knowledge = NOTHING, *observations: Observation) -> Subject:
    return Subject(given, observations, NOW, knowledge=known)


# -- weaknesses and ends of life -----------------------------------------------------------------------------


def test_an_exploited_weakness_that_a_notice_names_fails_and_is_said() -> None:
    gate = device("Fortinet", "FortiGate-60F", "v7.2.5")
    before, after = firmware.judge(subject(gate)), firmware.judge(subject(gate, knowing(KEV)))
    assert (before.outcome, before.facts.get("exploited")) == (CheckOutcome.FAIL, None)
    assert (after.outcome, after.facts["exploited"]) == (CheckOutcome.FAIL, "CVE-2024-21762")
    assert "CVE-2024-21762" in after.reason
    assert any(line.startswith("CISA KEV CVE-2024-21762 (2024-02-09)") for line in after.evidence)


@pytest.mark.parametrize(
    ("score", "version", "outcome"),
    [(9.8, "1.0", CheckOutcome.FAIL), (5.0, "1.0", CheckOutcome.UNKNOWN), (9.8, "3.0", CheckOutcome.UNKNOWN)],
)
def test_only_a_grave_weakness_of_this_version_fails(
    score: float, version: str, outcome: CheckOutcome
) -> None:
    known = knowing(nvd(weakness("CVE-1-1", score, match(X9, versionEndExcluding="2.0"))))
    result = firmware.judge(subject(device("Acme", "X9", version), known))
    assert result.outcome is outcome
    assert ("weaknesses" in result.facts) is (version == "1.0")


def test_a_listed_product_without_a_version_is_unknown_not_passed() -> None:
    known = knowing(KEV, nvd(weakness("CVE-1-1", 9.8, match(X9))))
    assert firmware.judge(subject(device("Acme", "X9", ""), known)).outcome is CheckOutcome.UNKNOWN


@pytest.mark.parametrize(
    ("eol", "outcome", "state"),
    [
        ("2026-11-20", CheckOutcome.FAIL, "ended"),
        ("2027-06-01", CheckOutcome.PASS, "ending"),
        ("2029-01-01", CheckOutcome.PASS, "supported"),
        (True, CheckOutcome.FAIL, "ended"),
        (False, CheckOutcome.PASS, "supported"),
    ],
)
def test_where_no_notice_says_a_feed_gives_the_end(
    eol: str | bool, outcome: CheckOutcome, state: str
) -> None:
    known = knowing(products(product("fortios", release("7.6", eol), label="FortiOS")))
    result = firmware.judge(subject(device("Fortinet", "FortiGate-60F", "v7.6.2"), known))
    assert (result.outcome, result.facts["state"]) == (outcome, state)
    assert "endoflife.date FortiOS 7.6" in result.evidence
    assert "None" not in result.reason


def test_a_vendors_own_notice_outweighs_a_feed() -> None:
    known = knowing(products(product("cisco-ios", release("15.2", "2040-01-01"))))
    old = device("Cisco", "RV042", "4.2.3.14")
    assert firmware.judge(subject(old, known)).facts["state"] == "ended"


@pytest.mark.parametrize(
    ("model", "version", "cycle_ends", "state", "ends"),
    [
        ("PA-220", "10.1.14-h9", None, None, "2028-01-31"),
        ("PA-220", "", None, None, "2028-01-31"),
        ("PA-220", "10.1.14-h9", "2029-08-31", "supported", "2028-01-31"),
        ("PA-220", "10.1.14-h9", "2026-12-31", "ending", "2026-12-31"),
        ("PA-220", "10.1.14-h9", "2024-12-31", "ended", "2024-12-31"),
        ("PA-3050", "10.1.14-h9", "2029-08-31", "ended", "2024-10-31"),
        ("PA-9999", "10.1.14-h9", "2029-08-31", None, "2029-08-31"),
    ],
)
def test_what_ends_apart_is_supported_only_where_both_halves_are(
    model: str, version: str, cycle_ends: str | None, state: str | None, ends: str
) -> None:
    """Palo Alto Networks ends its hardware and each PAN-OS by themselves."""
    feeds = [products(product("pan-os", release("10.1", cycle_ends)))] if cycle_ends else []
    result = firmware.judge(subject(device("Palo Alto Networks", model, version), knowing(*feeds)))
    assert (result.facts.get("state"), result.facts["ends"]) == (state, ends)
    assert result.outcome is not CheckOutcome.PASS or state in ("supported", "ending")


def test_every_result_names_the_version_of_the_facts() -> None:
    measures, known = Measures(), knowing(KEV)
    with_feed, without = versions(measures, known), versions(measures, NOTHING)
    assert {name for name, version in with_feed.items() if version != without[name]} == {"firmware"}
    for given in (device("Acme", "X9", "1"), device("", "", ""), device("Cisco", "RV042", "1")):
        for result in run([replace(subject(given, known), versions=with_feed)]):
            assert result.facts["facts"] == with_feed[result.check]


# -- makers --------------------------------------------------------------------------------------------------


def test_a_maker_is_known_by_its_enterprise_number() -> None:
    sold = device("Acme", "IPC-1", "21.2R3-S1.2")
    number = Fact("1.3.6.1.2.1.1.2.0", "1.3.6.1.4.1.2636.1.1")  # Juniper's
    told = Observation("r", "here", TARGET, "snmp", NOW, (number,), None, "sha256:x")
    assert firmware.judge(subject(sold)).outcome is CheckOutcome.UNKNOWN
    renamed = device("Acme", "EX2300-24T", "21.2R3-S1.2")
    result = firmware.judge(subject(renamed, NOTHING, told))
    assert (result.outcome, result.facts["maker"]) == (CheckOutcome.FAIL, "Juniper")
    assert "sha256:x" in result.evidence


def test_a_camera_sold_under_another_name_is_judged_by_its_maker() -> None:
    address = Identifier(IdentifierKind.MAC, "c0:56:e3:00:00:01")  # a block of Hikvision's
    sold = device("Acme", "DS-K1T671TM-3XF", "V3.2.30 build 220101", address)
    result = firmware.judge(subject(sold))
    assert (result.outcome, result.facts["maker"]) == (CheckOutcome.FAIL, "Hikvision")
    assert "made by Hikvision" in result.reason
    assert "MAC c0:56:e3" in result.evidence


def test_without_evidence_a_likeness_of_model_names_is_no_maker() -> None:
    sold = device("Acme", "DS-K1T671TM-3XF", "V3.2.30 build 220101")
    assert firmware.judge(subject(sold)).outcome is CheckOutcome.UNKNOWN


def test_a_relative_that_names_the_model_is_its_maker() -> None:
    result = firmware.judge(subject(device("Fuji Xerox", "DocuPrint P375 dw", "1.20")))
    assert (result.outcome, result.facts["maker"]) == (CheckOutcome.FAIL, "Fujifilm")
    unnamed = firmware.judge(subject(device("Fuji Xerox", "DocuCentre-V C2265", "1.20")))
    assert unnamed.outcome is CheckOutcome.UNKNOWN


# -- old evidence, new facts ---------------------------------------------------------------------------------


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with Register.open(str(tmp_path / "register.sqlite"), FixedClock(NOW)) as opened:
        run = ScanRun("run-1", "here", NOW)
        opened.begin_scan(run)
        sightings = []
        for number, (vendor, model, version) in enumerate(
            [
                ("Acme", "X9", "1.0"),
                ("Cisco", "WS-C2960X-24TS-L", "15.2(7)E3"),
                ("D-Link", "DNS-320L", "1.11"),
                ("Nobody", "Nothing", "1.0"),
            ]
        ):
            target = Target(f"192.168.10.{number + 5}", f"00:26:73:00:00:{number:02x}", "hq", "office")
            heard = Observation(
                run.id, "here", target, "snmp", NOW, (Fact("x", "y"),), None, f"sha256:{number}"
            )
            named = {
                Attribute.VENDOR: vendor,
                Attribute.MODEL: model,
                Attribute.FIRMWARE: version,
                Attribute.SERIAL: f"S{number}",
            }
            claims = tuple(Claim(key, value, 0.95, "test", "snmp") for key, value in named.items())
            sightings.append(Sighting(run.id, target, NOW, (heard,), claims))
        opened.ingest(sightings)
        yield opened


def outcomes(register: Register) -> dict[str, tuple[CheckOutcome, str]]:
    done = check(register, Settings(), FixedClock(NOW))
    labels = {each.id: each.label for each in register.devices()}
    return {
        labels[result.device]: (result.outcome, result.facts["facts"])
        for result in done.results
        if result.check == "firmware"
    }


def test_new_facts_judge_old_evidence_anew_without_a_packet(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a check opened a socket")

    monkeypatch.setattr("socket.socket", no_network)
    before = outcomes(register)
    shelf = shelf_beside(register.place)
    shelf.take(nvd(weakness("CVE-1-1", 9.8, match(X9, versionEndExcluding="2.0"))), "nvd.json", NOW.date())
    after = outcomes(register)
    assert before["Acme X9"][0] is CheckOutcome.UNKNOWN
    assert after["Acme X9"][0] is CheckOutcome.FAIL
    assert before["Acme X9"][1] != after["Acme X9"][1]
    stored = {result.check: result for result in register.results()[register.devices()[0].id]}
    assert stored["firmware"].facts["facts"] == after["Acme X9"][1]


def test_only_what_is_due_is_judged_again(register: Register) -> None:
    everything = check(register, Settings(), FixedClock(NOW))
    assert check(register, Settings(), FixedClock(NOW), only_due=True).results == ()
    shelf_beside(register.place).take(KEV, "kev.json", NOW.date())
    by_facts = check(register, Settings(), FixedClock(NOW), only_due=True)
    assert {result.check for result in by_facts.results} == {"firmware"}
    assert len(by_facts.results) == 4
    printer = register.devices()[0].id
    later = FixedClock(NOW + timedelta(hours=1))
    with Register.open(register.place, later) as edited:
        edited.edit([printer], {Attribute.OWNER: "王小明"}, by="amy")
    of_one = check(register, Settings(), later, only_due=True)
    assert {result.device for result in of_one.results} == {printer}
    much_later = FixedClock(NOW + timedelta(days=400))
    assert len(check(register, Settings(), much_later, only_due=True).results) == len(everything.results)


def test_any_selection_may_be_checked(register: Register) -> None:
    done = muster(register, check_command, "firmware", "--where", "vendor:cisco", "--format", "json")
    assert [row["label"] for row in json.loads(done.stdout)] == ["Cisco WS-C2960X-24TS-L"]
    with pytest.raises(UsageFault, match="cannot be given together"):
        muster(register, check_command, "--where", "vendor:cisco", "--device", "d-1")
    assert json.loads(muster(register, check_command, "--due", "--format", "json").stdout)


def test_a_forecast_lists_who_leaves_by_a_day_and_counts_the_unknown(register: Register) -> None:
    found = forecast(register, Settings(), FixedClock(NOW), date(2028, 1, 1))
    listed = [(one.device.label, one.then.value, one.ends) for one in found.leaving]
    assert listed == [
        ("D-Link DNS-320L", "ended", date(2024, 4, 4)),
        ("Cisco WS-C2960X-24TS-L", "ended", date(2027, 10, 31)),
    ]
    assert (found.unknown, found.looked_at) == (2, 4)
    assert all(one.source.startswith("https://") for one in found.leaving)
    soon = forecast(register, Settings(), FixedClock(NOW), date(2027, 10, 31))
    assert [one.device.label for one in soon.leaving] == ["D-Link DNS-320L"]


# -- commands ------------------------------------------------------------------------------------------------


def muster(register: Register, command: object, *words: str) -> Result:
    session = Session(register_url=register.place)
    return CliRunner().invoke(command, list(words), obj=session, catch_exceptions=False)  # type: ignore[arg-type]


def test_the_forecast_is_printed_with_day_and_source(register: Register) -> None:
    done = muster(register, check_command, "eol", "--by", "2028-01-01", "--format", "json")
    first, second = json.loads(done.stdout)
    assert (first["label"], first["now"]) == ("D-Link DNS-320L", "ended")
    assert (second["then"], second["ends"]) == ("ended", "2027-10-31")
    assert "of 2 nobody says" in done.stderr
    assert "2027-10-31" in muster(register, check_command, "eol", "--by", "2028-01-01").stdout


def test_the_forecasts_option_belongs_to_it(register: Register) -> None:
    with pytest.raises(UsageFault, match="--by"):
        muster(register, check_command, "firmware", "--by", "2028-01-01")
    with pytest.raises(UsageFault, match="no further words"):
        muster(register, check_command, "eol", "firmware")


def test_feeds_are_imported_listed_asked_and_told_to_be_stale(register: Register, tmp_path: Path) -> None:
    old = tmp_path / "full.json"
    old.write_bytes(products(product("fortios", release("7.4", "2028-11-11")), dated="2020-01-01T00:00:00"))
    done = muster(register, feed_command, "import", str(old), "--format", "json")
    (kept,) = json.loads(done.stdout)
    assert (kept["kind"], kept["dated"], kept["entries"], kept["stale"]) == (
        "endoflife",
        "2020-01-01",
        1,
        True,
    )
    assert len(kept["sha256"]) == 64
    assert "stale" in muster(register, feed_command, "list").stdout
    assert "full.json is stale" in muster(register, check_command, "firmware").stderr
    asked = muster(
        register, feed_command, "ask", "fortios", "7.4.3", "--on", "2029-01-01", "--format", "json"
    )
    assert json.loads(asked.stdout) == [
        {"product": "fortios", "cycle": "7.4", "state": "ended", "ends": "2028-11-11"}
    ]
    nothing = muster(register, feed_command, "ask", "fortios", "9", "--format", "json")
    assert json.loads(nothing.stdout)[0]["state"] == "unknown"


def test_a_missing_file_is_said(register: Register, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        muster(register, feed_command, "import", str(tmp_path / "none.json"))


def test_a_retired_device_is_no_part_of_the_forecast(register: Register) -> None:
    leaving = forecast(register, Settings(), FixedClock(NOW), date(2028, 1, 1)).leaving
    assert all(one.device.status is not DeviceStatus.RETIRED for one in leaving)
    retired = replace(leaving[0].device, status=DeviceStatus.RETIRED)
    assert firmware.judge(subject(retired)).outcome is CheckOutcome.NOT_APPLICABLE
