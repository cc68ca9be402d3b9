"""Lists as every command prints them: stable JSON, harmless CSV, no control characters on a terminal."""

import csv
import io
import json
import sys

import pytest

from inventory import language
from inventory.console import print_rows, say_next
from inventory.types import DeviceClass, DeviceStatus

ROWS = [{"id": "a1", "vendor": "=cmd|'/c calc'!A1", "ports": ("tcp/80", "tcp/443"), "owner": None}]
COLUMNS = {"id": "編號", "vendor": "Vendor", "ports": "Ports", "owner": "Owner"}


def test_what_comes_next_is_said_to_whoever_sits_there_and_to_no_script(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    say_next("check", "assess")
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    say_next("check", "assess")
    assert capsys.readouterr() == ("", "next: `muster check`, `muster assess`\n")


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


def test_words_of_the_vocabularies_are_shown_in_the_language_and_kept_in_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [{"status": DeviceStatus.IN_SERVICE, "class": DeviceClass.ACCESS_POINT}]
    try:
        language.choose("zh_TW")
        print_rows(rows, {"status": "S", "class": "C"}, "table")
        chinese = capsys.readouterr().out
        print_rows(rows, {"status": "S", "class": "C"}, "json")
    finally:
        language.choose("en")
    assert "使用中" in chinese
    assert "access" not in chinese
    assert json.loads(capsys.readouterr().out) == [{"status": "in-service", "class": "access-point"}]
