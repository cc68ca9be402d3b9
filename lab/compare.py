"""A register export held against the truth: found, missed, doubled, unexpected; right, wrong, missing.

A register row is matched with a device of the truth by MAC, then by IP. Texts are compared as a
fair reader would: vendors by their normalised name, models without vendor, spacing and
words that hold no digit.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lab.errors import BadFile
from lab.truth import FORMAT, aligned

ATTRIBUTES = (
    *("device_class", "vendor", "model", "firmware", "serial"),
    *("hostname", "connection_method", "segment", "ports"),
)
_COMPANY_WORDS = re.compile(
    r"\b(inc|incorporated|ltd|limited|corp|corporation|co|company|gmbh|ag|ab|llc|plc|sa|bv|"
    r"technologies|technology|communications|systems|networks|electronics|international)\b\.?"
)


@dataclass(frozen=True)
class Answer:
    """One attribute of one device."""

    device: str
    attribute: str
    truth: str
    register: str
    outcome: str
    """`right`, `wrong` (claims something else), `missing` (claims nothing), `invented` (claims
    what nobody could know)."""


@dataclass(frozen=True)
class Comparison:
    """How a register stands against the truth."""

    found: tuple[str, ...]
    missed: tuple[str, ...]
    invisible: tuple[str, ...]
    """Devices that answer nobody at the vantage: nobody is blamed for not finding them."""
    doubled: Mapping[str, tuple[str, ...]]
    """A device's name to the ids of the several rows that all are it."""
    merged: Mapping[str, tuple[str, ...]]
    """A row's id to the names of the several devices it mixes up."""
    unexpected: tuple[str, ...]
    answers: tuple[Answer, ...]

    @property
    def perfect(self) -> bool:
        """True when every visible device is found once and no attribute is wrong."""
        trouble = self.missed or self.doubled or self.merged or self.unexpected
        return not trouble and all(answer.outcome not in ("wrong", "invented") for answer in self.answers)

    def tally(self) -> dict[str, dict[str, int]]:
        """Counts of each outcome by attribute."""
        counts: dict[str, dict[str, int]] = {}
        for answer in self.answers:
            row = counts.setdefault(answer.attribute, {"right": 0, "wrong": 0, "missing": 0, "invented": 0})
            row[answer.outcome] += 1
        return counts

    def as_json(self) -> str:
        """Everything, as indented JSON."""
        plain = {
            "found": self.found,
            "missed": self.missed,
            "invisible": self.invisible,
            "doubled": self.doubled,
            "merged": self.merged,
            "unexpected": self.unexpected,
            "perfect": self.perfect,
            "attributes": self.tally(),
            "answers": [asdict(answer) for answer in self.answers],
        }
        return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"

    def as_table(self) -> str:
        """A table for people: the counts, then everything that is not right."""
        visible = len(self.found) + len(self.missed)
        lines = [f"found {len(self.found)} of {visible} visible devices"]
        for title, names in (
            ("missed", self.missed),
            ("unexpected", self.unexpected),
            ("invisible, not counted", self.invisible),
        ):
            if names:
                lines.append(f"{title}: {', '.join(names)}")
        lines += [f"doubled: {name} is {', '.join(ids)}" for name, ids in self.doubled.items()]
        lines += [f"mixed up: {row} is {', '.join(names)}" for row, names in self.merged.items()]
        rows: list[tuple[str, ...]] = [("ATTRIBUTE", "RIGHT", "WRONG", "MISSING", "INVENTED")]
        rows += [
            (attribute, *(str(counts[key]) for key in ("right", "wrong", "missing", "invented")))
            for attribute, counts in self.tally().items()
        ]
        text = "\n".join(lines) + "\n\n" + aligned(rows)
        off = [answer for answer in self.answers if answer.outcome != "right"]
        if off:
            table: list[tuple[str, ...]] = [("DEVICE", "ATTRIBUTE", "OUTCOME", "TRUTH", "REGISTER")]
            table += [
                (one.device, one.attribute, one.outcome, one.truth or "-", one.register or "-") for one in off
            ]
            text += "\n" + aligned(table)
        return text


def read_export(path: Path) -> list[dict[str, Any]]:
    """The devices of a register export; raises BadFile when it is not a list of devices."""
    devices = _read_json(path)
    if not isinstance(devices, list) or not all(isinstance(one, dict) for one in devices):
        raise BadFile(f"{path}:1: must be a JSON list of devices")
    for number, device in enumerate(devices, 1):
        for key in ("addresses", "services"):
            rows = device.get(key, [])
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise BadFile(f"{path}:1: device {number}: '{key}' must be a list of objects")
    return devices


def read_truth(path: Path) -> dict[str, Any]:
    """A truth file; raises BadFile when it is not one."""
    truth = _read_json(path)
    if not isinstance(truth, dict) or truth.get("format") != FORMAT:
        raise BadFile(f"{path}:1: not a truth file of the lab (format {FORMAT})")
    return truth


def compare(export: Iterable[Mapping[str, Any]], truth: Mapping[str, Any]) -> Comparison:
    """Holds a register export against the truth; the vantages' own rows are not unexpected."""
    devices = {device["device"]: device for device in truth["devices"]}
    by_mac, by_ip = _indexes(truth)
    own = {one["mac"] for one in truth["vantages"]} | {one["ip"] for one in truth["vantages"]}
    matches: dict[str, list[Mapping[str, Any]]] = {name: [] for name in devices}
    merged: dict[str, tuple[str, ...]] = {}
    unexpected = []
    for row in export:
        macs, ips = _macs(row), _ips(row)
        names = [by_mac[mac] for mac in macs if mac in by_mac]
        names = names or [by_ip[ip] for ip in ips if ip in by_ip]
        names = list(dict.fromkeys(names))
        if len(names) > 1:
            merged[str(row.get("id", "?"))] = tuple(names)
        for name in names:
            matches[name].append(row)
        if not names and not own.intersection([*macs, *ips]):
            unexpected.append(f"{row.get('id', '?')} ({', '.join([*ips, *macs]) or 'no address'})")
    visible = [name for name, device in devices.items() if device["visible"] in ("services", "arp")]
    answers = tuple(
        answer for name, rows in matches.items() if rows for answer in _answers(devices[name], rows[0])
    )
    return Comparison(
        found=tuple(name for name in devices if matches[name]),
        missed=tuple(name for name in visible if not matches[name]),
        invisible=tuple(name for name in devices if name not in visible and not matches[name]),
        doubled={
            name: tuple(str(row.get("id", "?")) for row in rows)
            for name, rows in matches.items()
            if len(rows) > 1
        },
        merged=merged,
        unexpected=tuple(unexpected),
        answers=answers,
    )


def same(attribute: str, truth: str, claimed: str, vendor: str = "") -> bool:
    """Would a fair reader call the two the same?"""
    if attribute == "vendor":
        return _vendor(truth) == _vendor(claimed)
    if attribute == "model":
        return _same_model(_words(truth, vendor), _words(claimed, vendor))
    if attribute == "firmware":
        return _from_first_digit(truth) == _from_first_digit(claimed)
    if attribute == "hostname":
        return truth.lower().partition(".")[0] == claimed.lower().partition(".")[0]
    return truth.strip().lower() == claimed.strip().lower()


def _answers(device: Mapping[str, Any], row: Mapping[str, Any]) -> list[Answer]:
    answers = []
    for attribute in ATTRIBUTES:
        if attribute == "ports":
            known = " ".join(sorted(device["ports"]))
            claimed = " ".join(sorted(_ports(row)))
        else:
            known = str(device.get(attribute) or "")
            claimed = str(row.get(attribute) or "")
        if claimed in ("unknown", "undetermined", "unclassified"):
            claimed = ""
        outcome = _outcome(attribute, known, claimed, str(device["vendor"]))
        if outcome:
            answers.append(Answer(device["device"], attribute, known, claimed, outcome))
    return answers


def _outcome(attribute: str, known: str, claimed: str, vendor: str) -> str:
    if known in ("", "unknown"):
        return "invented" if claimed and attribute != "hostname" else ""
    if not claimed:
        return "missing"
    return "right" if same(attribute, known, claimed, vendor) else "wrong"


def _indexes(truth: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    by_mac: dict[str, str] = {}
    by_ip: dict[str, str] = {}
    for device in truth["devices"]:
        by_mac[device["mac"].lower()] = device["device"]
        for address in device["addresses"]:
            by_mac[address["mac"].lower()] = device["device"]
            by_ip[address["ip"]] = device["device"]
    return by_mac, by_ip


def _macs(row: Mapping[str, Any]) -> list[str]:
    found = [str(one.get("mac") or "").lower().replace("-", ":") for one in row.get("addresses", ())]
    return [mac for mac in dict.fromkeys(found) if mac]


def _ips(row: Mapping[str, Any]) -> list[str]:
    found = [str(one.get("ip") or "") for one in row.get("addresses", ())]
    return [ip for ip in dict.fromkeys(found) if ip]


def _ports(row: Mapping[str, Any]) -> set[str]:
    return {f"{one.get('proto', 'tcp')}/{one.get('port')}" for one in row.get("services", ())}


def _vendor(name: str) -> str:
    plain = _COMPANY_WORDS.sub("", re.sub(r"[.,()]", " ", name.lower()))
    return re.sub(r"[^0-9a-z]", "", plain)


def _same_model(truth: tuple[str, ...], claimed: tuple[str, ...]) -> bool:
    """Equal without spacing, or equal but for words without a digit (`AP-505`, `505`)."""
    if "".join(truth) == "".join(claimed):
        return True
    more, less = set(truth) ^ set(claimed), set(truth) & set(claimed)
    return any(map(_numbered, less)) and not any(map(_numbered, more))


def _numbered(word: str) -> bool:
    return any(letter.isdigit() for letter in word)


def _words(model: str, vendor: str) -> tuple[str, ...]:
    words = re.findall(r"[0-9a-z]+", model.lower())
    prefix = _vendor(vendor)
    return tuple(word for word in words if word not in (prefix, "series"))


def _from_first_digit(version: str) -> str:
    return re.sub(r"^[^0-9]+", "", version.lower()).strip()


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadFile(f"{path}:1: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadFile(f"{path}:1: not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise BadFile(f"{path}:{error.lineno}: {error.msg}") from error
