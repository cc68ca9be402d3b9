"""Feed files → one plain form each: CISA KEV, NVD (JSON 1.1 and 2.0), endoflife.date's export.

Sources: CISA's known_exploited_vulnerabilities.json and its schema; NVD's "CVE and CPE APIs" (2.0) and the
older data feeds (1.1); endoflife.date's API, v1 (`products/full`) and v0 (a list of cycles a product).
"""

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from inventory.exits import BadInput
from inventory.language import _

Plain = dict[str, Any]
MOST_BYTES = 1_000_000_000
"""No publisher's file is as large, unpacked; a larger one is refused before it fills the memory."""


class Kind(StrEnum):
    """What a feed is about."""

    KEV = "kev"
    NVD = "nvd"
    END_OF_LIFE = "endoflife"


@dataclass(frozen=True, slots=True)
class Feed:
    """One file's facts: `entries` by CVE number, or by product name for ends of life.

    A KEV entry has vendor, product, added, due; an NVD entry score and `configurations`; a product its label,
    names, CPEs and cycles. `dated` is None where the file does not say of when it is; `digest` is the SHA-256
    of what the entries were read from.
    """

    kind: Kind
    dated: date | None
    entries: Mapping[str, Plain] = field(default_factory=dict)
    digest: str = ""


def read_feed(content: bytes, name: str) -> Feed:
    """The feed in a file (gzip allowed); BadInput, naming the file and the place, for anything else."""
    try:
        whole = _unpacked(content)
        if len(whole) > MOST_BYTES:
            raise BadInput(_("{name}: is larger than {most} bytes").format(name=name, most=MOST_BYTES))
        data = json.loads(whole.decode("utf-8-sig"))
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(_("{name}: the gzip file is damaged").format(name=name)) from error
    except UnicodeDecodeError as error:
        raise BadInput(_("{name}: is not UTF-8 (byte {at})").format(name=name, at=error.start)) from error
    except json.JSONDecodeError as error:
        raise BadInput(f"{name}:{error.lineno}: {error.msg}") from error
    except RecursionError as error:
        raise BadInput(_("{name}: is nested too deeply").format(name=name)) from error
    stem = name.rpartition("/")[2].partition(".")[0]
    for fits, read in _FORMATS:
        if fits(data):
            try:
                feed = read(data, stem)
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                words = _("{name}: an entry is not of the feed's form: {error}")
                raise BadInput(words.format(name=name, error=error)) from error
            if feed.entries:
                return replace(feed, digest=hashlib.sha256(content).hexdigest())
            raise BadInput(_("{name}: the feed is empty").format(name=name))
    raise BadInput(_("{name}: is no CISA KEV, NVD or endoflife.date JSON file").format(name=name))


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    unpacking = zlib.decompressobj(wbits=31)
    whole = unpacking.decompress(content, MOST_BYTES + 1)
    if not unpacking.eof and len(whole) <= MOST_BYTES:
        raise gzip.BadGzipFile
    return whole


def _day(text: object) -> date | None:
    return date.fromisoformat(text[:10]) if isinstance(text, str) and len(text) >= 10 else None


# -- CISA KEV ------------------------------------------------------------------------------------------------


def _is_kev(data: Any) -> bool:  # noqa: ANN401 - any JSON
    return (
        isinstance(data, dict) and "catalogVersion" in data and isinstance(data.get("vulnerabilities"), list)
    )


def _kev(data: Any, _stem: str) -> Feed:  # noqa: ANN401
    entries = {
        each["cveID"]: {
            "vendor": str(each["vendorProject"]),
            "product": str(each["product"]),
            "added": str(each["dateAdded"]),
            "due": str(each.get("dueDate", "")),
        }
        for each in data["vulnerabilities"]
    }
    return Feed(Kind.KEV, _day(data.get("dateReleased")), entries)


# -- NVD -----------------------------------------------------------------------------------------------------


def _is_nvd(data: Any) -> bool:  # noqa: ANN401
    if not isinstance(data, dict):
        return False
    items = data.get("vulnerabilities")
    return data.get("format") == "NVD_CVE" or (
        isinstance(items, list) and all(isinstance(each, dict) and "cve" in each for each in items[:5])
    )


def _nvd(data: Any, _stem: str) -> Feed:  # noqa: ANN401
    entries = {}
    for each in data["vulnerabilities"]:
        cve = each["cve"]
        is_rejected = cve.get("vulnStatus") == "Rejected"  # and so takes the place of what was said before
        entries[cve["id"]] = {
            "score": _score(cve.get("metrics", {})),
            "configurations": [
                found
                for one in (() if is_rejected else cve.get("configurations", ()))
                if (found := _configuration(one["nodes"], one.get("operator", "OR")))
            ],
        }
    return Feed(Kind.NVD, _day(data.get("timestamp")), entries)


def _score(metrics: Plain) -> float | None:
    """The highest CVSS base score of version 3 or 4, of version 2 where there is no other; else None."""
    for names in (("cvssMetricV40", "cvssMetricV31", "cvssMetricV30"), ("cvssMetricV2",)):
        scores = [metric["cvssData"]["baseScore"] for name in names for metric in metrics.get(name, ())]
        if scores:
            return max(map(float, scores))
    return None


def _is_nvd_11(data: Any) -> bool:  # noqa: ANN401
    return isinstance(data, dict) and isinstance(data.get("CVE_Items"), list)


def _nvd_11(data: Any, _stem: str) -> Feed:  # noqa: ANN401
    entries = {}
    for each in data["CVE_Items"]:
        nodes = each.get("configurations", {}).get("nodes", ())
        scored = each.get("impact", {}).get("baseMetricV3", {}).get("cvssV3", {})
        entries[each["cve"]["CVE_data_meta"]["ID"]] = {
            "score": scored.get("baseScore"),
            "configurations": [
                found
                for node in nodes
                if (found := _configuration(node.get("children") or [node], node.get("operator", "OR")))
            ],
        }
    return Feed(Kind.NVD, _day(data.get("CVE_data_timestamp")), entries)


def _configuration(nodes: Iterable[Plain], operator: str) -> Plain | None:
    """What must be there: `any` of these versions and, where they run on named hardware, any of that."""
    weak, hardware = [], []
    for node in nodes:
        if node.get("negate"):
            return None
        for match in node.get("cpeMatch") or node.get("cpe_match") or ():
            part, vendor, product, version = _cpe(match.get("criteria") or match["cpe23Uri"])
            if match["vulnerable"]:
                ends = [match.get(f"version{end}") for end in ("StartIncluding", "StartExcluding")]
                ends += [match.get(f"version{end}") for end in ("EndIncluding", "EndExcluding")]
                weak.append([part, vendor, product, version, *ends])
            elif part == "h":
                hardware.append([vendor, product])
            elif operator == "AND":
                return None  # runs on software we do not see
    return {"any": weak, "on": hardware} if weak else None


def _cpe(uri: str) -> tuple[str, str, str, str]:
    """Part, vendor, product and version of a CPE 2.3 name (NISTIR 7695)."""
    parts = [part.replace("\\", "") for part in re.split(r"(?<!\\):", uri)]
    version, update = parts[5], parts[6] if len(parts) > 6 else "*"
    if version in ("*", "-") or update in ("*", "-"):
        return parts[2], parts[3], parts[4], version
    return parts[2], parts[3], parts[4], f"{version}{update}" if update[0] == "r" else f"{version}-{update}"


# -- endoflife.date ------------------------------------------------------------------------------------------


def _is_products(data: Any) -> bool:  # noqa: ANN401
    found = data.get("result") if isinstance(data, dict) else data
    several = found if isinstance(found, list) else [found]
    return bool(several) and all(isinstance(each, dict) and "releases" in each for each in several)


def _products(data: Any, _stem: str) -> Feed:  # noqa: ANN401
    found: Any = data.get("result") if isinstance(data, dict) else data
    several: list[Any] = found if isinstance(found, list) else [found]
    entries = {
        each["name"]: {
            "label": str(each.get("label", each["name"])),
            "names": [str(alias) for alias in each.get("aliases", ())],
            "cpes": [one["id"] for one in each.get("identifiers", ()) if one.get("type") == "cpe"],
            "cycles": [_release(release) for release in each["releases"]],
        }
        for each in several
    }
    dated = _day(data.get("generated_at")) if isinstance(data, dict) else None
    return Feed(Kind.END_OF_LIFE, dated, entries)


def _release(release: Plain) -> Plain:
    """A v1 release: an end is its day, else whether it has come."""
    latest = release.get("latest") or {}
    return {
        "name": str(release["name"]),
        "eol": _end(release.get("eolFrom"), release.get("isEol")),
        "eoas": _end(release.get("eoasFrom"), release.get("isEoas")),
        "eoes": _end(release.get("eoesFrom"), release.get("isEoes")),
        "latest": str(latest.get("name") or ""),
    }


def _is_cycles(data: Any) -> bool:  # noqa: ANN401
    return isinstance(data, list) and bool(data) and all(isinstance(x, dict) and "cycle" in x for x in data)


def _cycles(data: Any, stem: str) -> Feed:  # noqa: ANN401
    return Feed(Kind.END_OF_LIFE, None, {stem: _product(stem, data)})


def _is_cycles_by_product(data: Any) -> bool:  # noqa: ANN401
    return isinstance(data, dict) and bool(data) and all(_is_cycles(each) for each in data.values())


def _cycles_by_product(data: Any, _stem: str) -> Feed:  # noqa: ANN401
    return Feed(Kind.END_OF_LIFE, None, {name: _product(name, cycles) for name, cycles in data.items()})


def _product(name: str, cycles: Iterable[Plain]) -> Plain:
    return {"label": name, "names": [], "cpes": [], "cycles": [_cycle(cycle) for cycle in cycles]}


def _cycle(cycle: Plain) -> Plain:
    """A v0 cycle: `eol` is a day or whether it has come, the others a day or whether they still stand."""
    support, extended = cycle.get("support"), cycle.get("extendedSupport")
    return {
        "name": str(cycle["cycle"]),
        "eol": _end(cycle.get("eol"), cycle.get("eol")),
        "eoas": _end(support, not support if isinstance(support, bool) else None),
        "eoes": _end(extended, not extended if isinstance(extended, bool) else None),
        "latest": str(cycle.get("latest") or ""),
    }


def _end(day: object, come: object) -> str | bool | None:
    """A day as ISO text, else a plain yes or no, else None where the source says neither."""
    if found := _day(day):
        return found.isoformat()
    return come if isinstance(come, bool) else None


_FORMATS: tuple[tuple[Callable[[Any], bool], Callable[[Any, str], Feed]], ...] = (
    (_is_kev, _kev),
    (_is_nvd, _nvd),
    (_is_nvd_11, _nvd_11),
    (_is_products, _products),
    (_is_cycles, _cycles),
    (_is_cycles_by_product, _cycles_by_product),
)


def merged(feeds: Iterable[Feed], kind: Kind) -> Iterator[tuple[str, Plain, date | None]]:
    """All entries of one kind with their feed's date, in the feeds' order."""
    for feed in feeds:
        if feed.kind is kind:
            for name, entry in feed.entries.items():
                yield name, entry, feed.dated
