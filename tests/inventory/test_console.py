"""Lists as every command prints them: stable JSON, harmless CSV, no control characters on a terminal."""

import csv
import io
import json

import pytest

from inventory.console import print_rows

ROWS = [{"id": "a1", "vendor": "=cmd|'/c calc'!A1", "ports": ("tcp/80", "tcp/443"), "owner": None}]
COLUMNS = {"id": "編號", "vendor": "Vendor", "ports": "Ports", "owner": "Owner"}


def test_json_keeps_keys_and_types(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, COLUMNS, "json")
    (row,) = json.loads(capsys.readouterr().out)
    assert row == {
        "id": "a1",
        "vendor": "=cmd|'/c calc'!A1",
        "ports": ["tcp/80", "tcp/443"],
        "owner": None,
    }


def test_csv_has_headings_and_no_formula(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, COLUMNS, "csv")
    heading, row = csv.reader(io.StringIO(capsys.readouterr().out))
    assert heading == ["編號", "Vendor", "Ports", "Owner"]
    assert row == ["a1", "'=cmd|'/c calc'!A1", "tcp/80, tcp/443", ""]


@pytest.mark.parametrize("form", ["table", "csv"])
def test_what_a_device_says_cannot_drive_the_terminal(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"id": "\x1b[2J\x07\u202eevil"}], {"id": "ID"}, form)
    printed = capsys.readouterr().out
    assert "\x1b[2J" not in printed
    assert "\x07" not in printed
    assert "\u202e" not in printed


def test_an_empty_list_still_has_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([], COLUMNS, "table")
    assert "編號" in capsys.readouterr().out
