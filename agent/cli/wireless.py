"""`muster wireless`: grade wireless networks from captures."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.cli.wireless_live import ask, keep, listen, tell
from inventory.console import Session, format_option, pass_session, print_rows
from inventory.json_text import json_text
from inventory.language import _

if TYPE_CHECKING:
    from agent.wireless.advertisement import Advertisement
    from agent.wireless.grade import Grade


@click.group()
def wireless() -> None:
    """Grade the protection of wireless networks (TWSE CC-17010 m, Art. 25)."""


wireless.add_command(ask)
wireless.add_command(listen)


@wireless.command("grade")
@click.argument("captures", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--stations", is_flag=True, help="Also list the stations that asked to join, and with what.")
@click.option("--format", "form", type=click.Choice(["table", "json", "jsonl", "csv"]), default="table")
def grade_captures(captures: tuple[Path, ...], stations: bool, form: str) -> None:
    """Say of each network in CAPTURES how it is protected and what is weak about it.

    Captures are pcap or pcapng files, gzipped or not, of beacons and probe responses.
    """
    from agent.wireless.captures import read_frames
    from agent.wireless.grade import grade
    from agent.wireless.heard import damaged
    from agent.wireless.survey import survey

    rows: list[dict[str, object]] = []
    for path in captures:
        found = survey(read_frames(path))
        tell(damaged(found.garbled, str(path)))
        rows += [
            _row(bss.advertisement, grade(bss.advertisement, bss.variants), bss.wps) for bss in found.bss
        ]
        if stations:
            asked = [station.advertisement for station in found.stations]
            rows = [{"station": None, **row} for row in rows]
            rows += [{"station": each.station, **_row(each, grade(each), None)} for each in asked]
    if form == "jsonl":
        for row in rows:
            click.echo(json_text(row))
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


@wireless.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--site", required=True, help="Where it was heard.")
@click.option("--segment", default="", help="The segment the networks lead to, where it is one.")
@pass_session
def import_(session: Session, files: tuple[Path, ...], site: str, segment: str) -> None:
    """Keep the networks of FILES in the register, joined to their access points.

    Captures, `iw dev … scan`, `nmcli -t`, airodump-ng CSV, Kismet logs, their JSON, netxml and CSV, and
    `snmpwalk -On` of controllers and access points. What each access point offers becomes evidence of the
    wireless check; it counts from the day it was heard, as far as the file tells, a capture's last frame or
    the file's own time.
    """
    from agent.wireless.exports import made_at, read
    from inventory.register import Register
    from inventory.types import SystemClock

    heard = [(path, read(path)) for path in files]
    with Register.open(session.register_place, SystemClock()) as register:
        for path, reading in heard:
            tell(reading.left_out)
            days = session.settings.evidence_days
            keep(
                register,
                reading.networks,
                site,
                segment,
                path.name,
                heard_at=made_at(path),
                evidence_days=days,
            )


@wireless.command("list")
@click.option("--notices", "only_notices", is_flag=True, help="Only what is not as declared.")
@format_option
@pass_session
def list_(session: Session, only_notices: bool, form: str) -> None:
    """Show the networks of the register, or what is not as declared (docs/wireless.md)."""
    from agent.service.wireless import not_as_declared
    from inventory.facts import word_called, words_told
    from inventory.register import Register
    from inventory.types import SystemClock

    clock, plain = SystemClock(), form == "json"
    with Register.open(session.register_place, clock, create=False) as register:
        networks = register.networks()
        labels = {device.id: device.label for device in register.devices()}
        found = not_as_declared(register, session.settings, clock.now().date()) if only_notices else ()
    if only_notices:
        rows: list[dict[str, object]] = [
            {
                "matter": each.matter.value if plain else word_called(each.matter),
                "ssid": each.ssid,
                "about": each.about,
            }
            for each in found
        ]
        print_rows(rows, {"matter": _("Matter"), "ssid": "SSID", "about": _("About")}, form)
        return
    rows = [
        {
            "ssid": each.ssid,
            "bssid": each.bssid,
            "security": each.security,
            "weak": list(each.weak) if plain else words_told(each.weak),
            "device": each.device,
            "label": labels.get(each.device, ""),
            "site": each.site,
            "segment": each.segment,
            "vlan": each.vlan,
            "stations": list(each.stations) if plain else len(each.stations),
            "source": each.source,
            "last": each.last_at.date().isoformat(),
        }
        for each in networks
    ]
    headings = {
        "ssid": "SSID",
        "bssid": "BSSID",
        "security": _("Security"),
        "weak": _("Weak"),
        "label": _("Access point"),
        "vlan": "VLAN",
        "stations": _("Stations"),
        "last": _("Last heard"),
    }
    print_rows(rows, headings, form)


def _row(heard: "Advertisement", judged: "Grade", wps: Mapping[str, str] | None) -> dict[str, object]:
    from agent.wireless.names import readable

    suites = [each for each in (heard.rsn, heard.wpa) if each]
    return {
        "bssid": heard.bssid,
        "ssid": readable(heard.ssid),
        "security": judged.security,
        "weak": list(judged.weak),
        "akm": sorted({name for each in suites for name in each.akm}),
        "pairwise": sorted({name for each in suites for name in each.pairwise}),
        "group": sorted({each.group for each in suites}),
        "pmf": judged.pmf,
        "wps": dict(wps) if wps is not None else None,
    }
