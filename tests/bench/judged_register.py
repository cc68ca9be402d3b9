"""A register of many devices, checked and judged, written by SQL: freezing it is what is measured.

Each device has ten attributes, an address, three services, two identifiers, a result of each of seven checks
and 28 verdicts; every tenth has a finding. Texts are as long as real ones.
"""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

from inventory.register import Register
from inventory.types import Article, Assessment, FixedClock, ObligationLevel, Scope

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
_EDITION = date(2024, 12, 27)
_TEXTS = (
    *("device_class", "vendor", "model", "firmware", "serial", "hostname", "connection_method"),
    *("owner", "location", "purpose"),
)
_BY_PEOPLE = "attribute IN ('owner', 'location', 'purpose')"
_CHECKS = ("default_login", "encryption", "exposure", "firmware", "isolation", "registration", "wireless")
_RULES = 28
_CASES = " ".join(f"WHEN '{text}' THEN {text}" for text in _TEXTS)

_NUMBERS = (
    "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :devices) SELECT i FROM n)"
)
_ROW = "device.rowid"

# Of each device and rule what was said, by the version of its firmware; and the numbers of it all, by device.
_SAID_OF_EACH = f"""(
    SELECT device.id AS device, {_ROW} % 30 AS version, value AS rule, CASE
        WHEN {_ROW} % 10 = 0 AND value = 3 THEN 'breach' WHEN value % 4 THEN 'compliant' ELSE 'undetermined'
    END AS outcome
    FROM device CROSS JOIN json_each(:rules)
)"""
_JUDGED = f"""(
    SELECT device, json_group_array(ruling.id) AS said
    FROM {_SAID_OF_EACH} AS each JOIN ruling ON digest = each.rule || '/' || version || '/' || each.outcome
    GROUP BY device
)"""

# Table, what fills its columns, from what.
_FILLED: tuple[tuple[str, Mapping[str, str], str], ...] = (
    (
        "device",
        {
            "id": "printf('d-%010d', i)",
            "standing": "'confirmed'",
            "unseen": "0",
            "revision": "1",
            "site": "'hq'",
            "segment": "'segment-' || (i % 40)",
            "first_seen": ":at - i * 36000",  # a scan of an hour, each device at a moment of its own
            "last_seen": ":at - i * 36000",
            "last_run": "'run-1'",
            "ip": "printf('10.%d.%d.%d', i / 65536, i / 256 % 256, i % 256)",
            "ip_key": "printf('%08x', i)",
            "mac": "printf('%012x', i)",
            "device_class": "'printer'",
            "vendor": "'Ricoh'",
            "model": "'IM C' || (i % 90)",
            "firmware": "'1.' || (i % 30)",
            "serial": "printf('S%09d', i)",
            "hostname": "'host-' || i",
            "connection_method": "'wired'",
            "owner": "'管理人員' || (i % 200)",
            "location": "'三樓文印室'",
            "purpose": "'部門列印'",
            "in_scope": "'in'",
        },
        _NUMBERS,
    ),
    (
        "value",
        {
            "device": "id",
            "attribute": "attribute",
            "value": f"CASE attribute {_CASES} END",
            "source": f"CASE WHEN {_BY_PEOPLE} THEN 'person:Lin' ELSE 'snmp-printer' END",
            "certainty": "0.9",
            "locked": _BY_PEOPLE,
            "valid_from": "last_seen",
            "confirmed_at": "last_seen",
            "disagreeing": "'[]'",
        },
        "device CROSS JOIN (SELECT value AS attribute FROM json_each(:texts))",
    ),
    (
        "address",
        {
            name: name
            for name in ("site", "ip", "ip_key", "mac", "segment", "first_seen", "last_seen", "last_run")
        }
        | {"device": "id"},
        "device",
    ),
    (
        "service",
        {
            "device": "id",
            "proto": "'tcp'",
            "port": "port",
            "name": "'http'",
            "first_seen": "first_seen",
            "last_seen": "last_seen",
        },
        "device CROSS JOIN (SELECT value AS port FROM json_each('[80, 443, 9100]'))",
    ),
    ("identifier", {"kind": "'mac'", "value": "mac", "device": "id"}, "device"),
    ("identifier", {"kind": "'serial'", "value": "serial", "device": "id"}, "device"),
    (
        "result",
        {
            "device": "id",
            '"check"': "name",
            "outcome": f"CASE WHEN {_ROW} % 3 THEN 'pass' ELSE 'fail' END",
            "reason": "'as the observations at hand say of it'",
            "reason_zh": "'依現有觀測判定'",
            "facts": """'{"ends":"2027-06-30","state":"supported"}'""",
            "evidence": """'["' || hex(id || name) || hex(id) || '"]'""",
            "first_at": "last_seen",
            "at": "last_seen",
            "expires": ":at + 2592000000000",
            "latest": "1",
        },
        "device CROSS JOIN (SELECT value AS name FROM json_each(:checks))",
    ),
    (
        "ruling",
        {
            "digest": "rule || '/' || version || '/' || outcome",
            "pack": "'guideline-2024'",
            "edition": ":edition",
            "article": "21 + rule % 10",
            "rule": "'rule-' || rule",
            "outcome": "outcome",
            "severity": "'medium'",
            "reason_en": "'Version ' || version || ' of the firmware satisfies rule ' || rule || '.'",
            "reason_zh": "'韌體版本 ' || version || ' 之佐證符合規則 ' || rule || ' 之要求。'",
            "because": """'["check.firmware","attribute.firmware"]'""",
            "remedy_en": "'Update the firmware.'",
            "remedy_zh": "'請更新韌體。'",
            "due_days": "30",
        },
        f"(SELECT DISTINCT rule, version, outcome FROM {_SAID_OF_EACH})",
    ),
    (
        "judgement",
        {"digest": "said", "rulings": "said"},
        f"(SELECT DISTINCT said FROM {_JUDGED})",
    ),
    (
        "judged",
        {
            "device": "device",
            "judgement": "(SELECT id FROM judgement WHERE digest = said)",
            "judged_from": ":today",
        },
        _JUDGED,
    ),
    (
        "finding",
        {
            "id": "'f-' || id",
            "device": "id",
            "pack": "'guideline-2024'",
            "article": "'24'",
            "rule": "'rule-3'",
            "state": "'open'",
            "severity": "'medium'",
            "opened": ":today",
            "last_judged": ":today",
            "due": "'2026-12-20'",
            "reason_en": "'Firmware ' || firmware || ' is behind.'",
            "reason_zh": "'韌體 ' || firmware || ' 落後。'",
            "remedy_en": "'Update it.'",
            "remedy_zh": "'請更新。'",
        },
        f"(SELECT * FROM device WHERE {_ROW} % 10 = 0)",
    ),
)


def make(place: Path, devices: int) -> None:
    """Makes the register at `place`."""
    with Register.open(str(place), FixedClock(NOW)) as register:
        register.add_scope(Scope("10.0.0.0/8", "hq", "office"), by="Lin")
        register.save_assessment(Assessment(TODAY, tuple(_article(str(number)) for number in range(21, 31))))
    values = {
        "devices": devices,
        "at": int(NOW.timestamp()) * 1_000_000,
        "edition": str(_EDITION),
        "today": str(TODAY),
        "texts": json.dumps(_TEXTS),
        "checks": json.dumps(_CHECKS),
        "rules": json.dumps(list(range(1, _RULES + 1))),
    }
    with closing(sqlite3.connect(place)) as connection, connection:
        for table, columns, source in _FILLED:
            _fill(connection, table, columns, source, values)


def _fill(
    connection: sqlite3.Connection,
    table: str,
    columns: Mapping[str, str],
    source: str,
    values: Mapping[str, object],
) -> None:
    """Fills `columns` of the table; every other one that must not be empty gets an empty text, or 0."""
    known = {name.strip('"') for name in columns}
    others = {
        f'"{name}"': "''" if kind in ("VARCHAR", "TEXT") else "0"
        for _number, name, kind, needed, _default, key in connection.execute(f"PRAGMA table_info({table})")
        if needed and not (key and kind == "INTEGER") and name not in known
    }
    filled = {**columns, **others}
    names, expressions = ", ".join(filled), ", ".join(filled.values())
    connection.execute(f"INSERT INTO {table} ({names}) SELECT {expressions} FROM {source}", values)


def _article(number: str) -> Article:
    return Article(
        pack="guideline-2024",
        pack_title_en="Guideline, chapter 5: IoT devices",
        pack_title_zh="管控指引 第五章 物聯網設備安全控管",
        edition=_EDITION,
        number=number,
        title_en=f"Title {number}",
        title_zh=f"名稱 {number}",
        summary_en="What it asks.",
        summary_zh="要求。",
        level=ObligationLevel.MUST,
        cycle="yearly",
    )
