"""What a hostile device says of itself, sent through every way out: no text steers, hides, runs or swells.

Whatever stands in the register was said by somebody who may be an attacker. A terminal shows no control or
invisible character, a spreadsheet calculates nothing, a page runs nothing, and JSON gives the text back.
"""

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from itertools import cycle
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from agent.cli.scan_progress import Speaker
from agent.events import Identified, Noted
from agent.probes.reply import LONGEST, answered
from inventory.export import EXPORTERS, Exporter
from inventory.export.harmless import looks_like_formula
from inventory.language import LANGUAGES
from inventory.register import Register
from inventory.snapshot.freezing import build
from inventory.types import (
    Assessment,
    Attribute,
    Claim,
    Fact,
    Finding,
    FixedClock,
    Observation,
    ScanRun,
    Sighting,
    Target,
    Verdict,
)
from muster import cli
from tests.tui import office
from tests.tui.conftest import Walk
from tui.app import MusterApp
from tui.screens import SCREENS

HOSTILE = {
    "terminal": "\x1b[2J\x1b]0;owned\x07\x9b31mX",
    "direction": "\u202egpj.exe\u2066\u200b\ufeff\U000e0041\u2028X",
    "control": "a\x00b\x08c\r\nd\x85e\tX",
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>[red]x[/red]{0}%n&amp;$\\frac$X",
    "formula": "=cmd|' /c calc'!A1",
    "sum": "@SUM(1+1)*X",
    "long": "A" * 5000 + "\x1b[0m",
}
NAMES = (
    *(Attribute.VENDOR, Attribute.MODEL, Attribute.FIRMWARE, Attribute.SERIAL),
    *(Attribute.HOSTNAME, Attribute.OS, Attribute.SSID),
)
OF_A_SERVICE = (Attribute.SERVICE_NAME, Attribute.SERVICE_PRODUCT, Attribute.SERVICE_VERSION)
LISTS = """
    register list | register show {device} | register show {device} --history | register log {device}
    register audit | register review | register directory owner | register diff 2026-11-01 2026-11-30
    findings list | findings show {finding} | exception list | plan list | plan forecast | attest list | due
    scope list | coverage | wireless list | isolation matrix --all | feed list | check | check --each
    assess | assess --explain {device} 23
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register whose devices each say one of HOSTILE wherever a device can say something."""
    path = tmp_path_factory.mktemp("hostile") / "register.sqlite"
    with Register.open(str(path), FixedClock(office.NOW)) as register:
        register.begin_scan(ScanRun("run-1", "admin", office.NOW))
        register.ingest([_sighting(number, text) for number, text in enumerate(HOSTILE.values())])
        register.finish_scan(ScanRun("run-1", "admin", office.NOW, finished=office.NOW))
        ids = [device.id for device in register.devices()]
        register.save_assessment(_saying(office._assessment(ids)))
        results = office._results(register.devices())
        said = zip(results, _forever(), strict=False)
        register.save_results([replace(one, reason=text) for one, text in said])
        office._records(register, ids)
    return path


def _sighting(number: int, text: str) -> Sighting:
    target = Target(f"10.0.0.{number + 1}", f"00:26:73:00:00:{number:02x}", "hq", "office")
    claims = [Claim(what, text, 0.9, "snmp.x", "snmp", "udp/161") for what in NAMES]
    claims += [Claim(what, text, 0.9, "http.x", "http", "tcp/80") for what in OF_A_SERVICE]
    claims.append(Claim(Attribute.DEVICE_CLASS, "access-point", 0.9, "x", "snmp", "udp/161"))
    facts = (Fact("html_title", text), Fact(text[:40], text))
    heard = Observation("run-1", "admin", target, "http", office.NOW, facts, "tcp/80", "ab" * 32, text)
    return Sighting("run-1", target, office.NOW, (heard,), tuple(claims))


def _saying(assessment: Assessment) -> Assessment:
    """The assessment with a hostile reason for each verdict and finding, as one that quotes a device has."""

    def said(one: Verdict | Finding, text: str) -> Verdict | Finding:
        return replace(one, reason_en=text, reason_zh=text, remedy_en=text, remedy_zh=text)

    verdicts = tuple(map(said, assessment.verdicts, _forever()))
    return replace(assessment, verdicts=verdicts, findings=tuple(map(said, assessment.findings, _forever())))


def _forever() -> Iterator[str]:
    return cycle(HOSTILE.values())


def hidden(text: str) -> set[str]:
    """The characters of `text` that a terminal obeys or nobody sees; line breaks are our own."""
    return {f"U+{ord(one):04X}" for one in text if one != "\n" and not one.isprintable()}


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_no_command_prints_what_a_terminal_obeys_or_a_spreadsheet_calculates(
    form: str, place: Path, tmp_path: Path
) -> None:
    own = Path(shutil.copy(place, tmp_path))  # some of these judge anew
    with Register.open(str(own), FixedClock(office.NOW), create=False) as register:
        device = register.devices()[0].id
        finding = register.findings()[0].id
    for command in re.split(r"\s*[|\n]\s*", LISTS.strip()):
        words = command.format(device=device, finding=finding).split()
        said = CliRunner().invoke(cli, ["--register", str(own), *words, "--format", form])
        assert isinstance(said.exception, SystemExit | None), (command, said.exception)
        assert said.output, command
        assert not hidden(said.output), command
        if form == "json":
            json.loads(said.stdout)
        if form == "csv":
            cells = [cell for row in csv.reader(io.StringIO(said.stdout)) for cell in row]
            assert not [cell for cell in cells if looks_like_formula(cell)], command


def test_a_scan_shows_devices_and_not_what_they_would_do(capsys: pytest.CaptureFixture[str]) -> None:
    speaker = Speaker(quiet=False)
    for text in HOSTILE.values():
        speaker.hear(Identified("192.0.2.1", text, "printer"))
        speaker.hear(Noted(text))
    shown = capsys.readouterr().err
    assert "owned" in shown
    assert not hidden(shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda exporter: exporter.name)
def test_every_exporter_gives_files_in_which_nothing_hides_or_runs(
    exporter: Exporter, language: str, place: Path
) -> None:
    with Register.open(str(place), FixedClock(office.NOW), create=False) as register:
        snapshot = build(register, label="", on=office.TODAY, version="1")
    whole = exporter.render(snapshot, language)
    if exporter.suffix == ".xlsx":
        book = openpyxl.load_workbook(io.BytesIO(whole))
        cells = [
            cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None
        ]
        assert "f" not in {cell.data_type for cell in cells}
        text = "".join(str(cell.value) for cell in cells)
    else:
        text = whole.decode("utf-8-sig").replace("\r\n", "\n")
    assert "alert(1)" in text
    assert not hidden(text)
    match exporter.suffix:
        case ".json":
            json.loads(text)
        case ".csv":
            assert not [
                cell for row in csv.reader(io.StringIO(text)) for cell in row if looks_like_formula(cell)
            ]
        case ".html":
            assert not re.search(r"<(?:script>alert|img src=x)", text)


async def test_no_screen_shows_what_a_terminal_obeys(place: Path) -> None:
    with Register.open(str(place), FixedClock(office.NOW), create=False) as register:
        app = MusterApp(register, operator="lin", clock=FixedClock(office.NOW), zone=UTC)
        async with app.run_test(size=(120, 36)) as pilot:
            walk = Walk(app, pilot, register)
            await walk.settle()
            for row in SCREENS:
                assert not hidden(await walk.press(row.key)), row.name
            for keys in (("2", "enter"), ("3", "enter")):
                assert not hidden(await walk.press(*keys)), keys
                await walk.press("escape")


def test_facts_of_a_reply_are_text_of_bounded_length() -> None:
    reply = answered("http", "tcp/80", list(HOSTILE.items()), b"raw")
    assert {fact.name for fact in reply.facts} == set(HOSTILE)
    assert not hidden("".join(fact.value for fact in reply.facts))
    assert max(len(fact.value) for fact in reply.facts) <= LONGEST
