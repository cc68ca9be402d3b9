"""Reads a directory of fingerprints in recog's XML format into rules of ours, each weaker than our own.

Nothing of recog is packaged. What is imported is kept in the user's data folder, is tried beside the packaged
fingerprints and loses to them; `make accuracy` and the tests leave it out. Patterns that could run away or
that use what Python's expressions do not have are left out and named; anything else out of form is BadInput.
"""

import json
import re
import xml.parsers.expat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from platformdirs import user_data_path

from agent.fingerprints.literals import required_literal, runaway
from agent.fingerprints.loading import Knowledge, freeze, thaw
from agent.fingerprints.rules import Rule
from inventory.exits import BadInput, StoreFault
from inventory.language import _
from inventory.types import Attribute, DeviceClass
from inventory.vendors import canonical

CERTAINTY: Final = 0.4  # of one that is sure of itself: what is packaged about a maker outweighs it
_LARGEST_FILE: Final = 16 * 1024 * 1024
_SOURCES: Final = {
    "snmp.sys_description": "snmp_sysdescr",
    "html_title": "html_title",
    "http_header.server": "http_servers",
    "http_header.wwwauth": "http_wwwauth",
    "http_header.cookie": "http_cookies",
    "x509.subject": "x509_subjects",
    "x509.issuer": "x509_issuers",
    "ftp.banner": "ftp_banners",
    "telnet.banner": "telnet_banners",
    "ssh.banner": "ssh_banners",
    "smtp.banner": "smtp_banners",
    "imap4.banner": "imap_banners",
    "nntp.banner": "nntp_banners",
    "sip_header.server": "sip_banners",
    "sip_header.user_agent": "sip_user_agents",
    "rtsp_header.server": "rtsp_servers",
    "dhcp_vendor_class": "dhcp_vendor_class",
    "mdns.device-info.txt": "mdns_device-info_txt",
    "dns.versionbind": "dns_versionbind",
    "ntp.readvar": "ntp_banners",
    "smb.native_os": "smb_native_os",
}
_PARAMETERS: Final = (  # the first that a fingerprint has gives the attribute
    (Attribute.VENDOR, ("hw.vendor", "os.vendor")),
    (Attribute.MODEL, ("hw.product", "hw.model")),
    (Attribute.SERIAL, ("hw.serial_number", "hw.serial")),
    (Attribute.FIRMWARE, ("hw.version", "os.version")),
    (Attribute.OS, ("os.product",)),
    (Attribute.HOSTNAME, ("host.name",)),
    (Attribute.MAC, ("host.mac",)),
    (Attribute.SERVICE_PRODUCT, ("service.product",)),
    (Attribute.SERVICE_VERSION, ("service.version",)),
    (Attribute.DEVICE_CLASS, ("hw.device", "os.device")),
)
_CLASSES: Final = {
    "printer": DeviceClass.PRINTER,
    "multifunction device": DeviceClass.PRINTER,
    "print server": DeviceClass.PRINTER,
    "scanner": DeviceClass.SCANNER,
    "web cam": DeviceClass.CAMERA,
    "ip camera": DeviceClass.CAMERA,
    "dvr": DeviceClass.RECORDER,
    "pbx": DeviceClass.PBX,
    "voip": DeviceClass.PHONE,
    "ip phone": DeviceClass.PHONE,
    "wap": DeviceClass.ACCESS_POINT,
    "wlan controller": DeviceClass.WLAN_CONTROLLER,
    "switch": DeviceClass.SWITCH,
    "router": DeviceClass.ROUTER,
    "broadband router": DeviceClass.ROUTER,
    "firewall": DeviceClass.FIREWALL,
    "nas": DeviceClass.NAS,
    "ups": DeviceClass.UPS,
    "pdu": DeviceClass.PDU,
    "lights out management": DeviceClass.KVM_BMC,
    "kvm": DeviceClass.KVM_BMC,
    "building automation": DeviceClass.BUILDING_AUTOMATION,
}
_FLAGS: Final = {"REG_ICASE": "i", "IGNORECASE": "i", "REG_DOT_NEWLINE": "s", "REG_MULTILINE": "s"}
_HAS: Final = {
    "fingerprints": {"matches", "protocol", "database_type", "preference"},
    "fingerprint": {"pattern", "flags", "certainty"},
    "description": set[str](),
    "example": None,  # an example's attributes are the values it expects
    "param": {"pos", "name", "value"},
}
_INSIDE: Final = {
    "fingerprints": "",
    "fingerprint": "fingerprints",
    "description": "fingerprint",
    "example": "fingerprint",
    "param": "fingerprint",
}
_REFERENCE: Final = re.compile(r"\{([\w.\-]+)\}")
_RUBY_ENDS: Final = re.compile(r"\\z")


class Imported(NamedTuple):
    """Rules read from a directory, and `file:line: why` for every fingerprint that was left out."""

    rules: tuple[Rule, ...]
    left_out: tuple[str, ...]


def read_directory(folder: Path) -> Imported:
    """Every `*.xml` of a checkout's folder of fingerprints (`folder` or `folder/xml`), in order of name.

    BadInput names file and line of what is not in recog's form; also where there is no such file.
    """
    place = folder / "xml" if (folder / "xml").is_dir() else folder
    paths = sorted(place.glob("*.xml"))
    if not paths:
        raise BadInput(_("{folder}: holds no fingerprints in recog's XML form").format(folder=folder))
    rules: list[Rule] = []
    left_out: list[str] = []
    for path in paths:
        reader = _Reader(path)
        reader.read()
        rules.extend(reader.rules)
        left_out.extend(reader.left_out)
    return Imported(tuple(rules), tuple(left_out))


def keep(rules: tuple[Rule, ...], place: Path | None = None) -> None:
    """Keeps the rules for every later start, instead of those kept before; StoreFault where that fails."""
    path = place or kept_at()
    draft = path.with_suffix(".half")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft.write_text(json.dumps(freeze(Knowledge(rules, {}))), encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise StoreFault(f"{path}: {error.strerror}") from error


def kept(place: Path | None = None) -> tuple[Rule, ...]:
    """The rules kept here, none where nothing was imported; BadInput for a file that is not what was kept."""
    path = place or kept_at()
    try:
        return thaw(json.loads(path.read_bytes())).rules
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        message = _("{path}: imported fingerprints cannot be read; import them again, or remove the file")
        raise BadInput(message.format(path=path)) from error


def kept_at() -> Path:
    """Where imported fingerprints lie."""
    return user_data_path("muster", appauthor=False) / "fingerprints" / "recog.json"


@dataclass
class _Fingerprint:
    line: int
    pattern: str
    flags: str
    certainty: float
    params: dict[str, tuple[int, str]] = field(default_factory=dict)  # name → place, text


class _Reader:
    """Follows the elements of one file with their line numbers."""

    def __init__(self, path: Path) -> None:
        self.rules: list[Rule] = []
        self.left_out: list[str] = []
        self._path = path
        self._parser = xml.parsers.expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._no_doctype
        self._open: list[str] = []
        self._source = ""
        self._current: _Fingerprint | None = None

    def read(self) -> None:
        try:
            if self._path.stat().st_size > _LARGEST_FILE:
                raise self._wrong(_("is larger than 16 MiB"), 1)
            self._parser.Parse(self._path.read_bytes(), True)
        except OSError as error:
            raise BadInput(f"{self._path}: {error.strerror}") from error
        except xml.parsers.expat.ExpatError as error:
            raise self._wrong(_("is not well-formed XML"), error.lineno) from error

    def _wrong(self, why: str, line: int | None = None) -> BadInput:
        return BadInput(f"{self._path}:{line or self._parser.CurrentLineNumber}: {why}")

    def _no_doctype(self, *_declared: object) -> None:
        raise self._wrong(_("declares a document type, which this form never does"))

    def _start(self, name: str, given: dict[str, str]) -> None:
        if name not in _INSIDE or (self._open[-1] if self._open else "") != _INSIDE[name]:
            raise self._wrong(_("<{name}> does not stand here").format(name=name))
        self._open.append(name)
        known = _HAS[name]
        if known is not None and (unknown := sorted(set(given) - known)):
            raise self._wrong(_("<{name}> has no {attribute}").format(name=name, attribute=unknown[0]))
        if name == "fingerprints":
            self._source = _SOURCES.get(self._given(given, "matches", name), "")
        elif name == "fingerprint":
            pattern = self._given(given, "pattern", name)
            self._current = _Fingerprint(
                self._parser.CurrentLineNumber, pattern, self._flags(given), self._share(given)
            )
        elif name == "param":
            self._param(given)

    def _end(self, name: str) -> None:
        self._open.pop()
        if name == "fingerprint" and self._current and self._source:
            rule = self._rule(self._current)
            if rule:
                self.rules.append(rule)

    def _given(self, given: dict[str, str], wanted: str, name: str) -> str:
        if not given.get(wanted):
            raise self._wrong(_("<{name}> lacks {attribute}").format(name=name, attribute=wanted))
        return given[wanted]

    def _flags(self, given: dict[str, str]) -> str:
        words = re.split(r"[,|\s]+", given.get("flags", "").strip())
        unknown = [word for word in words if word and word not in _FLAGS]
        if unknown:
            raise self._wrong(_("unknown flag {flag}").format(flag=unknown[0]))
        return "".join(sorted({_FLAGS[word] for word in words if word}))

    def _share(self, given: dict[str, str]) -> float:
        try:
            share = float(given.get("certainty", "1"))
        except ValueError:
            share = 0.0
        if not 0 < share <= 1:
            raise self._wrong(_("certainty is no number from 0 to 1"))
        return share

    def _param(self, given: dict[str, str]) -> None:
        name, place = self._given(given, "name", "param"), self._given(given, "pos", "param")
        if not place.isdecimal() or len(place) > 2:
            raise self._wrong(_("pos is no number of a group"))
        if int(place) and given.get("value"):
            raise self._wrong(_("a param has either a group or a value"))
        if self._current:
            self._current.params[name] = (int(place), given.get("value", ""))

    def _rule(self, found: _Fingerprint) -> Rule | None:
        where = f"{self._path.name}:{found.line}"
        pattern = _RUBY_ENDS.sub(r"\\Z", found.pattern)
        flags = ("s" if "s" in found.flags else "") + ("" if "i" in found.flags else "-i")
        pattern = f"(?{flags}:{pattern})"
        try:
            groups = re.compile(pattern, re.IGNORECASE | re.MULTILINE).groups
        except (re.error, RecursionError, OverflowError) as error:
            self.left_out.append(f"{where}: {error}")
            return None
        if why := runaway(pattern):
            self.left_out.append(f"{where}: {why}")
            return None
        if any(place > groups for place, _text in found.params.values()):
            raise self._wrong(_("pos is no group of the pattern"), found.line)
        gives = dict(_gives(found.params))
        if not gives:
            return None
        return Rule(
            id=f"recog.{self._path.stem}.{found.line}",
            sources=(self._source,),
            pattern=pattern,
            gives=gives,
            certainty=round(CERTAINTY * found.certainty, 3),
            literal=required_literal(pattern),
        )


def _gives(params: dict[str, tuple[int, str]]) -> Iterator[tuple[Attribute, str]]:
    for attribute, names in _PARAMETERS:
        name = next((name for name in names if name in params), None)
        if name is None:
            continue
        place, text = params[name]
        if attribute is Attribute.DEVICE_CLASS:
            if device_class := _CLASSES.get(text.casefold()):
                yield attribute, device_class.value
            continue
        template = _template(place, text, params)
        if template:
            is_plain = attribute is Attribute.VENDOR and "{" not in template
            yield attribute, canonical(template) if is_plain else template


def _template(place: int, text: str, params: dict[str, tuple[int, str]]) -> str:
    """A template over groups by number; `{other.param}` stands for that param, "" where there is none."""
    if place:
        return f"{{{place}}}"

    def told(reference: re.Match[str]) -> str:
        there, plain = params.get(reference[1], (0, ""))
        return f"{{{there}}}" if there else plain.replace("{", "").replace("}", "")

    return _REFERENCE.sub(told, text) if _REFERENCE.search(text) else text.replace("{", "").replace("}", "")
