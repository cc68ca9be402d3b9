"""`muster wireless`: grade wireless networks from captures."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inventory.console import print_rows
from inventory.language import _

if TYPE_CHECKING:
    from agent.wireless.advertisement import Advertisement


@click.group()
def wireless() -> None:
    """Grade the protection of wireless networks (TWSE CC-17010 m, Art. 25)."""


@wireless.command("grade")
@click.argument("captures", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--stations", is_flag=True, help="Also list the stations that asked to join, and with what.")
@click.option("--format", "form", type=click.Choice(["table", "json", "jsonl", "csv"]), default="table")
def grade_captures(captures: tuple[Path, ...], stations: bool, form: str) -> None:
    """Say of each network in CAPTURES how it is protected and what is weak about it.

    Captures are pcap or pcapng files, gzipped or not, of beacons and probe responses.
    """
    from agent.wireless.frames import read_frames
    from agent.wireless.survey import survey

    rows: list[dict[str, object]] = []
    for path in captures:
        found = survey(read_frames(path))
        rows += [_bss_row(bss.advertisement, bss.name, bss.wps) for bss in found.bss]
        if stations:
            rows += [_bss_row(each.advertisement, None, None) for each in found.stations]
    if form == "jsonl":
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    headings = {
        "bssid": "BSSID",
        "ssid": "SSID",
        "security": _("Security"),
        "weak": _("Weak"),
        "akm": "AKM",
        "pairwise": _("Pairwise"),
        "group": _("Group"),
        "pmf": "PMF",
    }
    print_rows(rows, {"station": _("Station"), **headings} if stations else headings, form)


def _bss_row(heard: "Advertisement", name: str | None, wps: Mapping[str, str] | None) -> dict[str, object]:
    from agent.wireless.grade import grade
    from agent.wireless.survey import readable

    judged = grade(heard)
    suites = [each for each in (heard.rsn, heard.wpa) if each]
    return {
        "bssid": heard.bssid,
        "ssid": readable(heard.ssid) if name is None else name,
        "station": heard.station,
        "channel": heard.channel,
        "security": judged.security,
        "weak": list(judged.weak),
        "akm": sorted({name for each in suites for name in each.akm}),
        "pairwise": sorted({name for each in suites for name in each.pairwise}),
        "group": sorted({each.group for each in suites}),
        "pmf": judged.pmf,
        "wps": dict(wps) if wps is not None else None,
    }
