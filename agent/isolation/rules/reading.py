"""Which kind of rules a file holds, and the rules."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from agent.isolation.rules import fortigate, ios, iptables, nftables
from agent.isolation.rules.flow import Ruleset
from inventory.exits import BadInput
from inventory.language import _

_LARGEST: Final = 32 * 1024 * 1024


def read(path: Path, segments: Mapping[str, str]) -> Ruleset:
    """The rules of a file; `segments` names interfaces' and networks' segments. BadInput naming the place."""
    try:
        if path.stat().st_size > _LARGEST:
            raise BadInput(_("{path}: is larger than {size} MB").format(path=path, size=_LARGEST >> 20))
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(_("{path}: is not UTF-8").format(path=path)) from error
    return read_text(text, str(path), segments)


def read_text(text: str, name: str, segments: Mapping[str, str]) -> Ruleset:
    """The rules in the text of the file `name`; BadInput where it holds none that can be read."""
    try:
        return _read(text, name, segments)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput(
            _("{path}: is cut short or mangled ({error})").format(path=name, error=error)
        ) from error


def _read(text: str, name: str, segments: Mapping[str, str]) -> Ruleset:
    lines = [line.strip() for line in text.split("\n")]
    if text.lstrip().startswith("{"):
        return nftables.read_json(text, name, segments)
    if any(line.startswith("*filter") for line in lines):
        return iptables.read(text, name, segments)
    if any(line.startswith("config firewall") for line in lines):
        return fortigate.read(text, name, segments)
    if any(line.startswith("table ") and line.endswith("{") for line in lines):
        return nftables.read_text(text, name, segments)
    if any(line.startswith(("ip access-list ", "access-list ")) for line in lines):
        return ios.read(text, name, segments)
    known = "nftables, iptables-save, Cisco IOS, FortiOS"
    raise BadInput(_("{path}: is none of {known}").format(path=name, known=known))
