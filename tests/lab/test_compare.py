"""A register held against the truth: what counts as found, doubled, right, wrong, invented."""

import json
from pathlib import Path
from typing import Any

import pytest

from lab.compare import compare, same
from lab.persona import load_personas
from lab.plan import make_plan
from lab.topology import load_office
from lab.truth import truth_of
from tests.lab.conftest import OFFICE, TWO_ROOMS, Lab


@pytest.fixture
def truth() -> dict[str, Any]:
    personas = load_personas(OFFICE / "personas")
    return truth_of(make_plan(load_office(OFFICE / "two-rooms.yaml", personas)))


def row(truth: dict[str, Any], name: str, **changes: Any) -> dict[str, Any]:
    """What a perfect register would hold of a device, with changes."""
    device = next(one for one in truth["devices"] if one["device"] == name)
    kept = ("device_class", "vendor", "model", "firmware", "serial", "hostname", "segment")
    perfect = {
        "id": f"id-{name}",
        **{key: device[key] for key in kept},
        "connection_method": device["connection_method"],
        "addresses": [dict(address) for address in device["addresses"]],
        "services": [
            {"proto": port.split("/")[0], "port": int(port.split("/")[1])} for port in device["ports"]
        ],
    }
    return {**perfect, **changes}


def visible(truth: dict[str, Any]) -> list[dict[str, Any]]:
    return [row(truth, device["device"]) for device in truth["devices"] if device["visible"] == "services"]


def test_a_perfect_register_is_perfect_and_the_invisible_are_no_ones_fault(
    truth: dict[str, Any],
) -> None:
    result = compare(visible(truth), truth)
    assert result.perfect
    assert result.missed == ()
    assert result.invisible == ("mute-1", "ghost-1")
    assert {answer.outcome for answer in result.answers} == {"right"}


def test_a_missed_device_a_stranger_and_the_vantage_itself(truth: dict[str, Any]) -> None:
    rows = visible(truth)[:-1]
    rows.append({"id": "x", "addresses": [{"ip": "10.20.10.77", "mac": None}]})
    rows.append({"id": "me", "addresses": [{"ip": "10.20.10.250", "mac": None}]})
    result = compare(rows, truth)
    assert result.missed == ("login-1",)
    assert result.unexpected == ("x (10.20.10.77)",)
    assert not result.perfect


def test_one_device_in_two_rows_is_doubled_and_two_in_one_are_mixed_up(
    truth: dict[str, Any],
) -> None:
    again = row(truth, "box-1", id="again", addresses=[{"ip": "10.20.10.11", "mac": None}])
    assert compare([*visible(truth), again], truth).doubled == {"box-1": ("id-box-1", "again")}
    both = row(truth, "box-1")
    both["addresses"] += row(truth, "box-2")["addresses"]
    assert compare([both], truth).merged == {"id-box-1": ("box-1", "box-2")}


def test_the_mac_decides_where_an_address_has_moved_on(truth: dict[str, Any]) -> None:
    moved = row(truth, "box-1")
    moved["addresses"][0]["ip"] = "10.20.10.12"
    assert compare([moved], truth).found == ("box-1",)


@pytest.mark.parametrize(
    ("changes", "attribute", "outcome"),
    [
        ({"vendor": "ACME Co., Ltd."}, "vendor", "right"),
        ({"vendor": "Ajax"}, "vendor", "wrong"),
        ({"vendor": ""}, "vendor", "missing"),
        ({"model": "acme WEBBOX"}, "model", "right"),
        ({"model": "Web Box 2"}, "model", "wrong"),
        ({"model": "Web Box Series"}, "model", "right"),
        ({"firmware": "1.0"}, "firmware", "invented"),
        ({"device_class": "unknown"}, "device_class", "missing"),
        ({"services": []}, "ports", "missing"),
        ({"services": [{"proto": "tcp", "port": 80}, {"proto": "tcp", "port": 81}]}, "ports", "wrong"),
        ({"connection_method": "wireless"}, "connection_method", "wrong"),
        ({"hostname": "box4df955.office.example"}, "hostname", "right"),
    ],
)
def test_each_attribute_is_right_wrong_missing_or_invented(
    truth: dict[str, Any], changes: dict[str, Any], attribute: str, outcome: str
) -> None:
    result = compare([row(truth, "box-1", **changes)], truth)
    assert [one.outcome for one in result.answers if one.attribute == attribute] == [outcome]


def test_vendors_of_different_names_are_not_the_same() -> None:
    assert same("vendor", "HP", "Hewlett Packard Inc.") is False
    assert same("vendor", "D-Link", "D-Link Corporation")


@pytest.mark.parametrize(
    ("truth", "claimed", "expected"),
    [
        ("AP-505", "505", True),
        ("WF-C5790", "EPSON WF-C5790 Series", True),
        ("SIP-T46U", "T46U", True),
        ("IM C3000", "IM C300", False),
        ("WS-C2960-24TT-L", "C2960", False),
        ("FortiGate-60E", "FortiOS", False),
        ("iDRAC9", "iDRAC", False),
    ],
)
def test_a_model_is_known_by_its_numbers(truth: str, claimed: str, expected: bool) -> None:
    assert same("model", truth, claimed, "Epson") is expected


def test_a_version_is_known_from_its_first_digit_on() -> None:
    assert same("firmware", "DSM 6.2-25426", "6.2-25426")
    assert not same("firmware", "6.2-25426", "6.2-25556")


def test_the_command_prints_a_table_or_json_and_is_strict_when_asked(
    lab: Lab, truth: dict[str, Any], tmp_path: Path
) -> None:
    export = tmp_path / "export.json"
    export.write_text(json.dumps(visible(truth)[:2]), encoding="utf-8")
    table = lab("compare", str(export), *TWO_ROOMS)
    assert table.returncode == 0
    assert "found 2 of 5 visible devices" in table.stdout
    assert "missed: box-2, eggshell-1, login-1" in table.stdout
    strict = lab("compare", str(export), *TWO_ROOMS, "--format", "json", "--strict")
    assert strict.returncode == 10
    assert json.loads(strict.stdout)["missed"] == ["box-2", "eggshell-1", "login-1"]


@pytest.mark.parametrize("text", ["{", '{"a": 1}', "[1]", '[{"addresses": 3}]', '[{"services": [1]}]'])
def test_something_else_than_an_export_is_refused(lab: Lab, tmp_path: Path, text: str) -> None:
    export = tmp_path / "export.json"
    export.write_text(text, encoding="utf-8")
    ran = lab("compare", str(export), *TWO_ROOMS)
    assert ran.returncode == 3
    assert ran.stderr.startswith(f"lab: {export}:1: ")
