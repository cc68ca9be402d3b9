"""Values that a text labels itself: `Serial Number: 0815` in a greeting, `…/hardware/…` in ONVIF scopes."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from inventory.types import Fact

LABELLED: Final = frozenset({"http.text", "telnet_banners", "greeting", "ftp_banners"})
HEADLINE: Final = "http.headline"
_LONGEST_HEADLINE: Final = 100
_LONGEST_TEXT: Final = 2000
_LABELS: Final = {
    "model": r"(?:product |device )?model(?: (?:name|number|no\.?))?|product name|device type",
    "serial": r"(?:product |system )?serial(?: (?:number|no\.?))|serial",
    "firmware": r"(?:firmware|software|fw|image)(?: (?:version|revision|rev\.?))|active load id|firmware",
    "hostname": r"host ?name|device name|system name|my name is",
    "mac": r"mac address|ethernet address|mac",
}
_ANY: Final = "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
# A label begins a line, or comes after another value, and its value ends where the next label may begin.
_LABEL: Final = re.compile(rf"(?<![\w/\-])(?:{_ANY})(?P<colon>[ \t.]*[:=][ \t]*|[ \t]+)(?=\S)", re.IGNORECASE)
_END: Final = re.compile(r"[\r\n,;|<>]|\.(?:\s|$)|\s{3,}")
_CODE: Final = re.compile(r"(?=.*\d)[\w\-./:()]+")
_SCOPE: Final = re.compile(r"onvif://www\.onvif\.org/(hardware|name|MAC|type)/(\S+)", re.IGNORECASE)
_MAKERS_SEPARATOR: Final = re.compile(r"[\s_/]+")


def labelled(text: str) -> Iterator[Fact]:
    """`label.model`, `label.serial`, `label.firmware`, `label.hostname` and `label.mac` of a short text.

    Where a colon follows the label, the value is the rest up to the next label or stop; where none does, only
    a word with a digit in it is taken, so that prose about serial numbers says nothing.
    """
    found = list(_LABEL.finditer(text[:_LONGEST_TEXT]))
    ends = [label.start() for label in found[1:]] + [_LONGEST_TEXT]
    for label, end in zip(found, ends, strict=False):
        rest = text[label.end() : end]
        stop = _END.search(rest)
        value = rest[: stop.start() if stop else None].strip()
        kind = next(name for name in _LABELS if label[name])
        if not value:
            continue
        if not label["colon"].strip() and not _CODE.fullmatch(value.split()[-1 if kind == "model" else 0]):
            continue
        if kind in {"serial", "hostname", "mac"}:
            value = value.split()[0]
        yield Fact(f"label.{kind}", value[:60])


def headline(text: str) -> Iterator[Fact]:
    """What a page with hardly any text says: its device's name, more often than not."""
    line = text.strip()
    if line and len(line) <= _LONGEST_HEADLINE and "\n" not in line:
        yield Fact(HEADLINE, line)


def onvif_scopes(text: str) -> Iterator[Fact]:
    """`onvif.hardware`, `onvif.name`, `onvif.mac` and `onvif.type` of a scope list (ONVIF Core, 7.3.2.2)."""
    for kind, value in _SCOPE.findall(text):
        plain = _MAKERS_SEPARATOR.sub(" ", unquote(value)).strip()
        if plain:
            yield Fact(f"onvif.{kind.lower()}", plain)
