"""Small feed files in the forms their publishers give them."""

import json

KEV = json.dumps(
    {
        "catalogVersion": "2026.11.20",
        "dateReleased": "2026-11-20T15:00:00.000Z",
        "vulnerabilities": [
            {
                "cveID": "CVE-2024-21762",
                "vendorProject": "Fortinet",
                "product": "FortiOS",
                "dateAdded": "2024-02-09",
                "dueDate": "2024-02-16",
            },
            {
                "cveID": "CVE-2099-0001",
                "vendorProject": "Acme",
                "product": "X9",
                "dateAdded": "2026-05-01",
            },
        ],
    }
).encode()


def cpe(part: str, vendor: str, product: str, version: str = "*", update: str = "*") -> str:
    return f"cpe:2.3:{part}:{vendor}:{product}:{version}:{update}:*:*:*:*:*:*"


def nvd(*weaknesses: dict[str, object], dated: str = "2026-11-19T00:00:00.000") -> bytes:
    items = [{"cve": weakness} for weakness in weaknesses]
    return json.dumps({"format": "NVD_CVE", "timestamp": dated, "vulnerabilities": items}).encode()


def weakness(
    number: str, score: float, *matches: dict[str, object], on: tuple[str, ...] = ()
) -> dict[str, object]:
    nodes: list[dict[str, object]] = [{"operator": "OR", "negate": False, "cpeMatch": list(matches)}]
    if on:
        hardware = [{"vulnerable": False, "criteria": name} for name in on]
        nodes.append({"operator": "OR", "negate": False, "cpeMatch": hardware})
    return {
        "id": number,
        "vulnStatus": "Analyzed",
        "metrics": {"cvssMetricV31": [{"cvssData": {"baseScore": score}}]},
        "configurations": [{"operator": "AND" if on else "OR", "nodes": nodes}],
    }


def match(criteria: str, **ends: str) -> dict[str, object]:
    return {"vulnerable": True, "criteria": criteria, **ends}


def products(*given: dict[str, object], dated: str = "2026-08-22T00:00:00+00:00") -> bytes:
    return json.dumps({"schema_version": "1.2.0", "generated_at": dated, "result": list(given)}).encode()


def product(
    name: str, *releases: dict[str, object], label: str = "", aliases: tuple[str, ...] = ()
) -> dict[str, object]:
    return {
        "name": name,
        "label": label or name,
        "aliases": list(aliases),
        "identifiers": [],
        "releases": list(releases),
    }


def release(name: str, eol: str | bool | None, eoes: str | None = None) -> dict[str, object]:
    day = eol if isinstance(eol, str) else None
    return {
        "name": name,
        "eolFrom": day,
        "isEol": eol if isinstance(eol, bool) else bool(day and day < "2026-08-22"),
        "eoesFrom": eoes,
        "latest": {"name": f"{name}.9"},
    }
