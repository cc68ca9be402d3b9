"""DHCP leases: ISC dhcpd (dhcpd.leases(5)), Kea's memfile CSV, dnsmasq's lease file, Windows' CSV export.

Windows: `Get-DhcpServerv4Lease … | Export-Csv`. Only leases in force are taken in; what has ended says
nothing of who is there now. A name that a client gave is its own word, kept as `dhcp.hostname`.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from agent.imports.taken import Entry, Taken, address_of, mac_of
from inventory.language import _
from inventory.types import Fact

SOURCE: Final = "dhcp-lease"

_ISC_LEASE: Final = re.compile(r"^\s*lease\s+(\S+)\s*\{")
_ISC_TIME: Final = re.compile(r"^(?:\d\s+)?(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)$")
_WINDOWS_TIMES: Final = (
    "%Y/%m/%d %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%Y %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
)


def read(lines: Iterable[str], now: datetime) -> Taken:
    """The leases in force at `now`; the kind of file is told by its first lines."""
    texts = [text.removeprefix("\ufeff") for text in lines]  # the mark that Windows begins a file with
    head = next((text for text in texts if text.strip() and not text.lstrip().startswith("#")), "")
    if head.lower().startswith("address,hwaddr"):
        return _rows(texts, now, _kea)
    if "ipaddress" in head.lower() and "clientid" in head.lower():
        return _rows(texts, now, _windows)
    if any(_ISC_LEASE.match(text) for text in texts):
        return _isc(texts, now)
    return _dnsmasq(texts, now)


def _isc(lines: list[str], now: datetime) -> Taken:
    """The last block of an address counts (dhcpd.leases(5)): the file is a journal."""
    latest: dict[str, tuple[int, dict[str, str]]] = {}
    taken = Taken(SOURCE)
    for line, address, fields in _isc_blocks(lines, taken):
        latest[address] = (line, fields)
    for address, (line, fields) in latest.items():
        try:
            state = fields.get("binding state", "active")
            if state != "active":
                raise ValueError(_("the lease is not in force: {state}").format(state=state))
            ends = fields.get("ends", "never")
            _refuse_ended(_isc_time(ends) if ends != "never" else None, now)
            hardware = fields.get("hardware ethernet", "")
            _add(taken, line, address, hardware, fields.get("client-hostname", "").strip('"'), "")
        except ValueError as fault:
            taken.refuse(line, str(fault))
    return taken


def _isc_blocks(lines: list[str], taken: Taken) -> Iterator[tuple[int, str, dict[str, str]]]:
    begun, address, fields = 0, "", dict[str, str]()
    for number, text in enumerate(lines, start=1):
        opened = _ISC_LEASE.match(text)
        if opened:
            if begun:
                taken.refuse(begun, _("the lease is not closed before the next"))
            begun, address, fields = number, opened[1], {}
        elif begun and text.strip() == "}":
            yield begun, address, fields
            begun = 0
        elif begun:
            words = text.strip().rstrip(";")
            for name in ("binding state", "ends", "hardware ethernet", "client-hostname"):
                if words.startswith(f"{name} "):
                    fields[name] = words[len(name) + 1 :].strip()
    if begun:
        taken.refuse(begun, _("the file ends within this lease"))


def _isc_time(text: str) -> datetime:
    found = _ISC_TIME.match(text)
    if text.startswith("epoch "):
        return _moment(text.split()[1].rstrip(";"))
    if not found:
        raise ValueError(_("'{text}' is not a time").format(text=text[:60]))
    return datetime.strptime(found[1], "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC)


def _dnsmasq(lines: list[str], now: datetime) -> Taken:
    """`expiry MAC address name client-id`; 0 never ends. A `duid` line and IPv6 leases come after."""
    taken = Taken(SOURCE)
    for number, text in enumerate(lines, start=1):
        words = text.split()
        if not words or words[0] == "duid" or text.startswith("#"):
            continue
        try:
            if len(words) < 4:
                raise ValueError(_("is no lease that dnsmasq, ISC dhcpd, Kea or Windows writes"))
            _refuse_ended(None if words[0] == "0" else _moment(words[0]), now)
            _add(taken, number, words[2], words[1], "" if words[3] == "*" else words[3], "")
        except ValueError as fault:
            taken.refuse(number, str(fault))
    return taken


def _rows(
    lines: list[str], now: datetime, add: Callable[[Taken, int, dict[str, str], datetime], None]
) -> Taken:
    """CSV with a header line, before which PowerShell may name a type."""
    taken = Taken(SOURCE)
    reader = csv.DictReader(text for text in lines if not text.startswith("#TYPE"))
    skipped = sum(text.startswith("#TYPE") for text in lines[:1])
    try:
        for row in reader:
            number = reader.line_num + skipped
            try:
                add(taken, number, {str(k).lower(): str(v or "") for k, v in row.items() if k}, now)
            except ValueError as fault:
                taken.refuse(number, str(fault))
    except csv.Error as error:
        taken.refuse(reader.line_num + skipped, str(error))
    return taken


def _kea(taken: Taken, line: int, row: dict[str, str], now: datetime) -> None:
    """Kea Administrator Reference, lease file: state 0 is in force, 1 declined, 2 expired-reclaimed."""
    if row.get("state", "0") != "0":
        raise ValueError(_("the lease is not in force: {state}").format(state=row["state"]))
    _refuse_ended(_moment(row.get("expire", "")), now)
    _forget(taken, row.get("address", ""), line)
    _add(taken, line, row.get("address", ""), row.get("hwaddr", ""), row.get("hostname", ""), "")


def _windows(taken: Taken, line: int, row: dict[str, str], now: datetime) -> None:
    state = row.get("addressstate", "")
    if not state.lower().startswith("active"):
        raise ValueError(_("the lease is not in force: {state}").format(state=state or "-"))
    expiry = row.get("leaseexpirytime", "").strip()
    if expiry and not state.lower().endswith("reservation"):
        _refuse_ended(_windows_time(expiry), now)
    _add(taken, line, row.get("ipaddress", ""), row.get("clientid", ""), row.get("hostname", ""), "")


def _windows_time(text: str) -> datetime:
    for form in _WINDOWS_TIMES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    if any(mark in text for mark in ("上午", "下午")):
        half = "PM" if "下午" in text else "AM"
        return datetime.strptime(
            f"{text.replace('上午', '').replace('下午', '')} {half}", "%Y/%m/%d  %I:%M:%S %p"
        ).replace(tzinfo=UTC)
    raise ValueError(_("'{text}' is not a time").format(text=text[:60]))


def _forget(taken: Taken, address: str, line: int) -> None:
    """Kea's file is a journal too: a later row of an address replaces the earlier."""
    for at, entry in enumerate(taken.entries):
        if entry.ip == address:
            taken.refuse(entry.line, _("replaced by line {line}").format(line=line))
            del taken.entries[at]
            return


def _moment(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(_("'{text}' is not a time").format(text=text[:60])) from None


def _refuse_ended(ends: datetime | None, now: datetime) -> None:
    if ends is not None and ends < now:
        raise ValueError(_("the lease ended on {day}").format(day=f"{ends:%Y-%m-%d}"))


def _add(taken: Taken, line: int, ip: str, mac: str, name: str, vendor: str) -> None:  # noqa: PLR0917
    address, hardware = address_of(ip), mac_of(mac)
    pairs = (("dhcp.mac", hardware), ("dhcp.hostname", name.strip()), ("dhcp.vendor-class", vendor))
    facts = tuple(Fact(fact, value) for fact, value in pairs if value)
    taken.entries.append(Entry(line, address, hardware, facts))
