"""Results of other scanners: nmap's XML (nmap(1), -oX), masscan's JSON (-oJ), arp-scan's lines."""

import json
import xml.parsers.expat
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from agent.imports.taken import Entry, Taken, address_of, mac_of
from inventory.language import _
from inventory.types import Fact

_LONGEST: Final = 500
_ARP_SCAN_TALK: Final = ("Interface:", "Starting arp-scan", "Ending arp-scan", "WARNING")


def nmap(text: str) -> Taken:
    """Hosts that are up, with their MAC and open ports; refuses what is no nmap XML at its line."""
    return _NmapReader().read(text)


def masscan(lines: Iterable[str]) -> Taken:
    """One record a line, an open port each; the brackets, commas and closing line around them are skipped."""
    taken = Taken("masscan-file")
    for number, text in enumerate(lines, start=1):
        bare = text.strip().strip(",").strip()
        if bare in ("", "[", "]") or bare.replace(" ", "").startswith("{finished"):
            continue
        try:
            taken.entries.append(_masscan_entry(number, json.loads(bare)))
        except json.JSONDecodeError:
            taken.refuse(number, _("is not JSON as masscan writes it"))
        except (KeyError, TypeError, AttributeError):
            taken.refuse(number, _("has not what a masscan record has: ip and ports"))
        except ValueError as fault:
            taken.refuse(number, str(fault))
    return taken


def arp_scan(lines: Iterable[str]) -> Taken:
    """`address MAC vendor` a line, parted by tabs; what arp-scan says around them is skipped."""
    taken = Taken("arp-scan-file")
    for number, text in enumerate(lines, start=1):
        if not text.strip() or text.startswith(_ARP_SCAN_TALK) or "packets received by filter" in text:
            continue
        try:
            words = text.split()
            if len(words) < 2:
                raise ValueError(_("is no line that arp-scan writes"))
            address, mac = address_of(words[0]), mac_of(words[1])
            taken.entries.append(Entry(number, address, mac, (Fact("arp.mac", mac),)))
        except ValueError as fault:
            taken.refuse(number, str(fault))
    return taken


def _masscan_entry(line: int, record: Any) -> Entry:  # noqa: ANN401 - JSON
    ports = []
    for port in record["ports"]:
        number, protocol = int(port["port"]), str(port.get("proto", "tcp"))
        if protocol not in ("tcp", "udp") or not 1 <= number <= 65_535:
            raise ValueError(_("'{text}' is not a port").format(text=f"{protocol}/{number}"[:60]))
        if port.get("status", "open") == "open":
            ports.append((f"{protocol}/{number}", (Fact("port.state", "open"),)))
    if not ports:
        raise ValueError(_("tells of no open port"))
    return Entry(
        line, address_of(str(record["ip"])), "", (), tuple(ports), _time(str(record.get("timestamp", "")))
    )


def _time(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


class _NmapReader:
    """Follows the elements with their line numbers; entities of its own a document may not have."""

    def __init__(self) -> None:
        self.taken = Taken("nmap-file")
        self._parser = xml.parsers.expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.EntityDeclHandler = self._no_entities
        self._is_nmap = False
        self._line = 0
        self._host: dict[str, str] | None = None
        self._at: datetime | None = None
        self._ports: list[tuple[str, tuple[Fact, ...]]] = []
        self._port: dict[str, str] = {}

    def read(self, text: str) -> Taken:
        try:
            self._parser.Parse(text.encode(), True)
        except xml.parsers.expat.ExpatError as error:
            self.taken.refuse(error.lineno, _("is not well-formed XML"))
        except ValueError as fault:
            self.taken.refuse(self._parser.CurrentLineNumber, str(fault))
        return self.taken

    def _no_entities(self, *_declared: object) -> None:
        raise ValueError(_("declares an entity, which nmap never does"))

    def _start(self, name: str, given: dict[str, str]) -> None:
        if name == "nmaprun":
            self._is_nmap, self._at = True, _time(given.get("start", ""))
        elif not self._is_nmap:
            raise ValueError(_("is not nmap's XML: it begins with <{name}>").format(name=name[:30]))
        elif name == "host":
            self._line, self._host, self._ports = self._parser.CurrentLineNumber, {}, []
            self._at = _time(given.get("endtime", "")) or self._at
        elif self._host is None:
            return
        elif name == "status":
            self._host["state"] = given.get("state", "")
        elif name == "address":
            self._host.setdefault(given.get("addrtype", ""), given.get("addr", ""))
        elif name == "hostname":
            self._host.setdefault("name", given.get("name", ""))
        elif name == "port":
            self._port = {"service": f"{given.get('protocol', '')}/{given.get('portid', '')}"}
        elif name == "state":
            self._port["state"] = given.get("state", "")
        elif name == "service":
            self._port |= {key: given.get(key, "")[:_LONGEST] for key in ("name", "product", "version")}

    def _end(self, name: str) -> None:
        if name == "port" and self._port.get("state") == "open":
            pairs = [(f"nmap.{key}", self._port.get(key, "")) for key in ("name", "product", "version")]
            facts = [Fact("port.state", "open"), *(Fact(key, value) for key, value in pairs if value)]
            self._ports.append((self._port["service"], tuple(facts)))
        elif name == "host" and self._host is not None:
            self._add(self._host)
            self._host = None

    def _add(self, host: dict[str, str]) -> None:
        try:
            if host.get("state") != "up":
                raise ValueError(_("the host is not up"))
            address = address_of(host.get("ipv4") or host.get("ipv6", ""))
            mac = mac_of(host["mac"]) if host.get("mac") else ""
            pairs = (("arp.mac", mac), ("dns.name", host.get("name", "")[:_LONGEST]))
            facts = tuple(Fact(fact, value) for fact, value in pairs if value)
            self.taken.entries.append(Entry(self._line, address, mac, facts, tuple(self._ports), self._at))
        except ValueError as fault:
            self.taken.refuse(self._line, str(fault))
