"""A register as large as one likes, written straight into its tables: reading it is what is measured.

Each device has ten attributes, a field of the firm's own, five services, five observed replies and three
years of changes: a firmware a year, an owner who left, a port that was closed, an address it had before.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from inventory.networks import sort_key
from inventory.register import Register
from inventory.types import FixedClock

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DAY = 86_400_000_000
MAKES = (
    ("printer", "Ricoh", "IM C3000"),
    ("camera", "AXIS", "P3245-LV"),
    ("switch", "Cisco", "C2960X-48"),
    ("phone", "Yealink", "SIP-T46S"),
    ("access-point", "Ubiquiti", "U6-Pro"),
    ("ups", "APC", "SMT1500"),
    ("nas", "Synology", "DS920+"),
)
PORTS = (22, 80, 161, 443, 9100)
UNKNOWN = [
    "switch_port",
    "vlan",
    "ssid",
    "asset_tag",
    "supplier",
    "contract",
    "purchase_date",
    "security_mark",
    "physical_control",
    "access_right",
    "network_zone",
    "declared_ports",
    "notes",
]
PEOPLE = tuple(f"person{number:03}" for number in range(200))

Row = dict[str, Any]


def fill(place: Path, count: int, *, seed: int = 1) -> None:
    """Makes a register of `count` devices at `place`."""
    Register.open(str(place), FixedClock(NOW)).close()
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        rows: dict[str, list[Row]] = defaultdict(list)
        for number, device in enumerate(_devices(count, Random(seed)), start=1):
            for table, row in device:
                rows[table].append(row)
            if number % 2000 == 0 or number == count:
                for table in sorted(rows, key=lambda name: name != "device"):
                    _insert(connection, table, rows[table])
                rows.clear()
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def device_id(number: int) -> str:
    """The id of the nth device."""
    return f"d-{number * 7919 % 2**40:010x}"


def address(number: int) -> str:
    """The address of the nth device."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _insert(connection: sqlite3.Connection, table: str, rows: list[Row]) -> None:
    names = list(rows[0])
    places = ", ".join("?" * len(names))
    columns = ", ".join(f'"{name}"' for name in names)
    statement = f'INSERT INTO "{table}" ({columns}) VALUES ({places})'
    connection.executemany(statement, [tuple(row[name] for name in names) for row in rows])


def _devices(count: int, chance: Random) -> Iterator[list[tuple[str, Row]]]:
    now = int((NOW - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
    for number in range(count):
        yield _device(number, chance, now)


def _device(number: int, chance: Random, now: int) -> list[tuple[str, Row]]:
    kind, vendor, model = chance.choice(MAKES)
    device, ip, begun = device_id(number), address(number), now - 1095 * DAY
    mac = f"00:26:73:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"
    values = {
        "device_class": kind,
        "vendor": vendor,
        "model": model,
        "firmware": f"3.{chance.randrange(40)}",
        "serial": f"SN{number:08}",
        "hostname": f"{kind}-{number:06}",
        "os": chance.choice(("Linux 4.9", "VxWorks 6", "RTOS")),
        "connection_method": chance.choice(("wired", "wireless")),
        "owner": chance.choice(PEOPLE),
        "location": f"hq / {chance.randrange(30)}F / {chance.randrange(40):02}",
    }
    words = [device, *(values[name] for name in values if name != "os"), ip, mac, "hq", "office"]
    head = {
        "id": device,
        "standing": chance.choice(("discovered", "confirmed", "in-service")),
        "unseen": False,
        "status": "",
        "absorbed_by": None,
        "revision": 5,
        "site": f"site{number % 7}",
        "segment": f"seg{number % 41}",
        "first_seen": begun,
        "last_seen": now - number % 30 * DAY,
        "last_run": "run-156",
        "ip": ip,
        "ip_key": sort_key(ip),
        "mac": mac,
        **values,
        "purpose": "",
        "in_scope": "in",
        "search": " ".join(word.casefold() for word in words),
        **dict.fromkeys(UNKNOWN, ""),
        "ports": " tcp/22 tcp/80 tcp/443 tcp/9100 udp/161 ",
        "several": False,
        "support_ends": f"20{27 + number % 9}-12-31" if number % 3 else "",
    }
    head["status"] = head["standing"]
    rows: list[tuple[str, Row]] = [("device", head)]
    since = {"firmware": now - 300 * DAY, "owner": now - 300 * DAY}
    rows += [
        ("value", _value(device, name, text, since.get(name, begun), now)) for name, text in values.items()
    ]
    for year in range(3):
        start = begun + year * 265 * DAY
        old = _value(device, "firmware", f"2.{year}", start, start + 200 * DAY)
        rows.append(("value", old | {"valid_to": start + 265 * DAY}))
        rows.append(("change", _change(device, start + 265 * DAY, "firmware", f"2.{year}", f"2.{year + 1}")))
    rows.append(("value", _value(device, "custom.rack", f"R{number % 500}", begun, now)))
    left = _value(device, "owner", chance.choice(PEOPLE), begun, now - 300 * DAY)
    rows.append(("value", left | {"valid_to": now - 300 * DAY}))
    rows.append(("change", _change(device, now - 300 * DAY, "owner", left["value"], values["owner"])))
    rows.append(("change", _change(device, begun, "device", "", "discovered")))
    for place, ended in ((ip, None), (f"172.16.{number >> 8 & 255}.{number & 255}", begun + 400 * DAY)):
        rows.append(("address", _address(device, place, mac, head, begun, ended, now)))
    for port in (*PORTS, 23):
        ended = now - 500 * DAY if port == 23 else None
        rows.append(("service", _service(device, port, begun, now, ended)))
        if port != 23:
            rows.append(("observation", _observation(device, ip, mac, port, begun, now)))
    for what, value in (("serial", values["serial"].lower()), ("mac", mac)):
        rows.append(("identifier", {"kind": what, "value": value, "scope": "", "device": device}))
    claims = [[name, text, 0.9, f"{vendor}.rule", "http", "", now] for name, text in values.items()]
    rows.append(("basis", {"device": device, "claims": str(claims).replace("'", '"')}))
    return rows


def _value(device: str, name: str, text: str, start: int, confirmed: int) -> Row:
    locked = name in ("owner", "location")
    return {
        "device": device,
        "attribute": name,
        "value": text,
        "source": "person:chen" if locked else f"{name}.rule",
        "certainty": 1.0 if locked else 0.9,
        "locked": locked,
        "valid_from": start,
        "valid_to": None,
        "confirmed_at": confirmed,
        "disagreeing": "[]",
    }


def _change(device: str, at: int, what: str, before: str, after: str) -> Row:
    return {
        "device": device,
        "at": at,
        "what": what,
        "before": before,
        "after": after,
        "source": "scan:run-1",
    }


def _address(device: str, ip: str, mac: str, head: Row, begun: int, ended: int | None, now: int) -> Row:  # noqa: PLR0917
    return {
        "device": device,
        "site": head["site"],
        "ip": ip,
        "ip_key": sort_key(ip),
        "mac": mac,
        "segment": head["segment"],
        "first_seen": begun if ended else begun + 400 * DAY,
        "last_seen": ended or now,
        "last_run": "run-156",
        "ended": ended,
    }


def _service(device: str, port: int, begun: int, now: int, ended: int | None) -> Row:
    return {
        "device": device,
        "proto": "udp" if port == 161 else "tcp",
        "port": port,
        "name": f"service-{port}",
        "product": "",
        "version": "",
        "first_seen": begun,
        "last_seen": ended or now,
        "ended": ended,
    }


def _observation(device: str, ip: str, mac: str, port: int, begun: int, now: int) -> Row:  # noqa: PLR0917
    return {
        "device": device,
        "run": "run-156",
        "vantage": "admin",
        "site": "hq",
        "segment": "office",
        "ip": ip,
        "mac": mac,
        "source": "http",
        "service": f"tcp/{port}",
        "part": 0,
        "facts": f'[["http_servers","embedded {port}"],["html_title","Web Image Monitor of {device}"]]',
        "facts_digest": f"{port:032x}",
        "digest": f"sha256:{port:064x}",
        "excerpt": "HTTP/1.1 200 OK Server: embedded Content-Type: text/html",
        "first_at": begun,
        "last_at": now,
        "latest": True,
    }
