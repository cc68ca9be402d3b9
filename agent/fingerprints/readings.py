"""Facts that stand in a reply indirectly: the chassis of an ENTITY-MIB, the parts of a device id."""

import re
from collections.abc import Iterator, Mapping, Sequence

from agent.fingerprints.labels import LABELLED, headline, labelled, onvif_scopes
from agent.fingerprints.sources import SYS_DESCR, canonical_source
from inventory.types import Fact

ENTITY = "1.3.6.1.2.1.47.1.1.1.1."
_ENTITY_COLUMNS = {
    "2": "descr", "4": "contained-in", "5": "class", "7": "name", "8": "hardware", "9": "firmware",
    "10": "software", "11": "serial", "12": "mfg", "13": "model",
}  # fmt: skip
_INTERFACE_MACS = ("1.3.6.1.2.1.2.2.1.6.", "1.3.6.1.2.1.17.1.1.0")  # ifPhysAddress, dot1dBaseBridgeAddress
_LONGEST_NUMBER = 10  # digits of a sub-identifier (RFC 2578, section 7.1.3)
_CHASSIS, _STACK, _MODULE = "3", "11", "9"
_OF_ONE_CHASSIS = frozenset({"descr", "serial", "model"})
_NO_DEVICE = frozenset({"5", "6", "7", "8", "10", "12"})  # container, power supply, fan, sensor, port, cpu
_DEVICE_ID_KEYS = {
    "mfg": "mfg", "manufacturer": "mfg", "mdl": "mdl", "model": "mdl", "mod": "mdl", "sn": "sn", "ser": "sn",
    "sern": "sn", "serialnumber": "sn", "serial": "sn", "cls": "cls", "class": "cls", "typ": "cls",
    "des": "des", "description": "des", "fwver": "fw", "fw": "fw",
}  # fmt: skip
_DEVICE_ID = re.compile(r"^\W{0,4}(?:mfg|manufacturer|mdl|model|mod|cmd|command set)\s?[:=]", re.IGNORECASE)
_REALM = re.compile(r'realm\s?=\s?"([^"]{1,200})"', re.IGNORECASE)
_SSH_VERSION = re.compile(r"SSH-\d\.\d+-")  # RFC 4253, section 4.2; what follows names the software
_RDN = re.compile(r"(?:^|[,+/])\s?([A-Za-z]{1,16})\s?=\s?((?:\\.|[^\\,+/])*)")


def indirect(facts: Sequence[Fact]) -> Iterator[Fact]:
    """What `facts` say between the lines, under names of its own; every fact is looked at once."""
    entity: dict[str, dict[int, str]] = {}
    for fact in facts:
        if fact.name.startswith(ENTITY):
            column, _dot, index = fact.name[len(ENTITY) :].partition(".")
            if column in _ENTITY_COLUMNS and index.isdecimal() and len(index) <= _LONGEST_NUMBER:
                entity.setdefault(_ENTITY_COLUMNS[column], {})[int(index)] = fact.value
            continue
        if fact.name.startswith(_INTERFACE_MACS):
            yield Fact("interface.mac", fact.value)
            continue
        yield from _between_the_lines(canonical_source(fact.name), fact.value)
    if entity:
        yield from _device_entity(entity)


def device_id(text: str) -> Iterator[Fact]:
    """The parts of an IEEE 1284 device id (`MFG:…;MDL:…;`), also as `Mfg=…;Mod=…` of DHCP option 60."""
    for part in text.replace("\n", ";").split(";"):
        name, colon, value = part.partition(":" if ":" in part.partition("=")[0] else "=")
        known = _DEVICE_ID_KEYS.get(name.strip(" \t\"'").casefold())
        if colon and known and value.strip():
            yield Fact(f"ieee1284.{known}", value.strip())


def engine_maker(engine_id: str) -> Iterator[Fact]:
    """`engine.enterprise`, the enterprise number an SNMP engine id begins with (RFC 3411, SnmpEngineID)."""
    digits = re.sub(r"^0x|[^0-9A-Fa-f]", "", engine_id)
    is_of_this_form = digits[:1] in set("89abcdefABCDEF")  # the first bit says so
    if is_of_this_form and 10 <= len(digits) <= 64:
        yield Fact("engine.enterprise", str(int(digits[:8], 16) & 0x7FFFFFFF))


def _between_the_lines(source: str, text: str) -> Iterator[Fact]:
    if source == "ssh_banners" and (banner := _SSH_VERSION.match(text)):
        yield Fact(source, text[banner.end() :])
    if source in {"http_wwwauth", "rtsp.wwwauth"}:
        yield from (Fact("http.realm", realm) for realm in _REALM.findall(text))
    elif source in {"x509_subjects", "x509_issuers"}:
        yield from _distinguished_name(text, "x509" if source == "x509_subjects" else "issuer")
    elif source == "snmp.engine_id":
        yield from engine_maker(text)
    elif source == "wsd.scopes":
        yield from onvif_scopes(text)
    if source in LABELLED:
        yield from labelled(text)
    elif source == SYS_DESCR:  # the rules for any text know its versions and serials better
        yield from (one for one in labelled(text) if one.name == "label.model")
    if source == "http.text":
        yield from headline(text)
    if ";" in text and _DEVICE_ID.match(text):
        yield from device_id(text)


def _distinguished_name(text: str, prefix: str) -> Iterator[Fact]:
    for name, value in _RDN.findall(text):
        plain = re.sub(r"\\(.)", r"\1", value).strip()
        if plain:
            yield Fact(f"{prefix}.{name.lower()}", plain)


def _device_entity(entity: Mapping[str, Mapping[int, str]]) -> Iterator[Fact]:
    """ENTITY-MIB (RFC 6933) columns of the one physical entity that is the device itself.

    Several chassis that only act as one device (a virtual stack) have no serial in common, and a model only
    where all of them have the same.
    """
    if _is_virtual(entity):
        chassis = [index for index, kind in entity["class"].items() if kind == _CHASSIS]
        models = {entity.get("model", {}).get(index, "").strip() for index in chassis}
        entity = {name: column for name, column in entity.items() if name not in _OF_ONE_CHASSIS}
        if len(models) == 1:
            yield Fact("entity.model", models.pop())
    yield from _stack(entity)
    ranked = sorted({index for column in entity.values() for index in column}, key=lambda i: _rank(entity, i))
    for column in ("descr", "name", "hardware", "firmware", "software", "serial", "mfg", "model"):
        said = entity.get(column, {})
        for index in ranked:
            value = said.get(index, "").strip()
            if not value:
                continue
            if _rank(entity, index)[0] >= 5 and column not in {"software", "firmware"}:
                break
            yield Fact(f"entity.{column}", value)
            break


def _stack(entity: Mapping[str, Mapping[int, str]]) -> Iterator[Fact]:
    """`entity.stack`, what the outermost stack is called where that says that it is one."""
    kinds, inside = entity.get("class", {}), entity.get("contained-in", {})
    stacks = sorted(i for i in {*kinds, *inside} if kinds.get(i, _STACK) == _STACK and inside.get(i) == "0")
    names = [entity.get(column, {}).get(index, "") for index in stacks[:1] for column in ("descr", "name")]
    yield from (Fact("entity.stack", name) for name in names[:2] if "stack" in name.casefold())


def _is_virtual(entity: Mapping[str, Mapping[int, str]]) -> bool:
    kinds, names = entity.get("class", {}), entity.get("name", {})
    return any(
        kind == _STACK and "virtual" in names.get(index, "").casefold() for index, kind in kinds.items()
    )


def _rank(entity: Mapping[str, Mapping[int, str]], index: int) -> tuple[int, int]:
    kind = entity.get("class", {}).get(index, "")
    inside = entity.get("contained-in", {}).get(index, "")
    if kind == _CHASSIS:
        return (0 if inside in {"", "0"} else 1, index)
    if kind == _STACK:
        return (2, index)
    if kind in _NO_DEVICE:
        return (6, index)
    if inside == "0":
        return (2, index)
    if kind == "":
        return (3, index)
    return (4 if kind == _MODULE else 5, index)
