"""What each device of an office really is: the answer sheet a scan is held against."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from lab.layout import Device, Office
from lab.plan import Plan, addresses, gateway_mac
from lab.reading import fill

FORMAT = "muster-lab-truth/1"


def truth_of(plan: Plan) -> dict[str, Any]:
    """The truth of an office as plain JSON values: segments, rules, vantages, devices."""
    office = plan.office
    return {
        "format": FORMAT,
        "topology": office.name,
        "title": office.title,
        "segments": [
            {
                "segment": segment.name,
                "network": str(segment.network),
                "gateway": str(segment.gateway),
                "gateway_mac": gateway_mac(office, segment),
                "vlan": segment.vlan,
            }
            for segment in office.segments
        ],
        "rules": [
            {
                "from": rule.source,
                "to": rule.target,
                "ports": list(rule.ports),
                "why": rule.why,
                "wrong": rule.wrong,
            }
            for rule in office.rules
        ],
        "vantages": [
            {"vantage": one.name, "segment": one.segment.name, "ip": one.ip, "mac": one.mac}
            for one in office.vantages
        ],
        "devices": [_device(office, device) for device in office.devices],
    }


def truth_as_json(plan: Plan) -> str:
    """The truth as indented JSON, the same bytes every time."""
    return json.dumps(truth_of(plan), indent=2, ensure_ascii=False) + "\n"


def truth_as_rows(truth: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The truth as rows of text for people, the headings first."""
    rows: list[tuple[str, ...]] = [
        ("DEVICE", "SEGMENT", "ADDRESS", "MAC", "CLASS", "VENDOR", "MODEL", "SERIAL", "SEEN BY")
    ]
    for device in truth["devices"]:
        first = device["addresses"][0] if device["addresses"] else {"ip": "-", "mac": "-"}
        more = f" +{len(device['addresses']) - 1}" if len(device["addresses"]) > 1 else ""
        rows.append(
            (
                device["device"],
                device["segment"],
                first["ip"] + more,
                first["mac"],
                device["device_class"] or "-",
                device["vendor"] or "-",
                device["model"] or "-",
                device["serial"] or "-",
                device["visible"],
            )
        )
    return rows


def written(rows: list[tuple[str, ...]], shape: str) -> str:
    """Rows of text as `csv`, or as a table of left-aligned columns."""
    if shape == "csv":
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows(rows)
        return buffer.getvalue()
    return aligned(rows)


def aligned(rows: list[tuple[str, ...]]) -> str:
    """Rows of text as left-aligned columns, one line each."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join(lines) + "\n"


def _device(office: Office, device: Device) -> dict[str, Any]:
    persona, values = device.persona, device.values()
    known = persona.truth
    return {
        "device": device.name,
        "persona": persona.name,
        "title": persona.title,
        "segment": device.segment.name,
        "addresses": [{"ip": ip, "mac": mac} for ip, mac in addresses(office, device)],
        "mac": device.mac,
        "hostname": device.hostname,
        "device_class": known.device_class,
        "vendor": known.vendor,
        "model": fill(known.model, values),
        "firmware": fill(known.firmware, values),
        "serial": fill(known.serial, values),
        "owner": device.owner,
        "location": device.location,
        "connection_method": device.connection,
        "vlan": str(device.segment.vlan),
        "switch_port": f"{device.port[0]}/{device.port[1]}" if device.port else "",
        "ports": sorted(known.ports),
        "default_login": known.default_login,
        "in_scope": known.in_scope,
        "fragile": persona.fragile is not None,
        "visible": _visible(office, device),
        "verdicts": dict(known.verdicts),
    }


def _visible(office: Office, device: Device) -> str:
    """How the first vantage can come to know of a device.

    `services` it answers; `arp` it answers ARP only, in the vantage's own segment; `tables` only a
    switch or router knows of it; `nothing` no packet of it is ever seen.
    """
    answers_arp = device.wired_up and device.persona.arp
    if answers_arp and not device.persona.silent:
        return "services"
    if answers_arp and device.segment == office.vantages[0].segment:
        return "arp"
    return "tables" if device.wired_up or device.port else "nothing"
