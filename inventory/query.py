"""What a person types to pick devices: `class:printer seg:iot owner:none -vendor:hp "3rd floor" sort:ip`.

Words without a field are searched for in everything the list shows. `field:none` wants it empty, `field:any`
filled; commas mean "one of"; a leading `-` turns a condition round; double quotes keep spaces together.
What the firm declared for itself is `custom.NAME`, written as declared: `custom.rack:r7 sort:custom.rack`.
Days are compared: `eol<2027`, `seen>=2026-01`, `first_seen:2026-11-20`; a year or a month means all of it.
"""

import re
import shlex
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from inventory.exits import UsageFault
from inventory.language import _, is_chinese
from inventory.names import NAMES
from inventory.networks import target_networks
from inventory.types import Attribute, ConnectionMethod, DeviceClass, DeviceStatus, InScope

NONE, ANY = "none", "any"
CUSTOM = "custom."
"""Stands before the name of a field that the firm declared for itself."""


class Field(StrEnum):
    """What a condition may be about."""

    ID = "id"
    CLASS = "class"
    VENDOR = "vendor"
    MODEL = "model"
    FIRMWARE = "firmware"
    SERIAL = "serial"
    HOSTNAME = "hostname"
    OS = "os"
    CONNECTION = "connection"
    SITE = "site"
    SEGMENT = "segment"
    IP = "ip"
    MAC = "mac"
    PORT = "port"
    STATUS = "status"
    FIRST_SEEN = "first_seen"
    LAST_SEEN = "last_seen"
    EOL = "eol"
    OWNER = "owner"
    LOCATION = "location"
    PURPOSE = "purpose"
    IN_SCOPE = "in_scope"
    VLAN = "vlan"
    SSID = "ssid"
    SWITCH_PORT = "switch_port"
    ASSET_TAG = "asset_tag"
    SUPPLIER = "supplier"
    CONTRACT = "contract"
    PURCHASE_DATE = "purchase_date"
    SECURITY_MARK = "security_mark"
    PHYSICAL_CONTROL = "physical_control"
    ACCESS_RIGHT = "access_right"
    NETWORK_ZONE = "network_zone"
    DECLARED_PORTS = "declared_ports"
    NOTES = "notes"


class SortKey(StrEnum):
    """What a list may be sorted by."""

    IP = "ip"
    ID = "id"
    CLASS = "class"
    VENDOR = "vendor"
    MODEL = "model"
    FIRMWARE = "firmware"
    HOSTNAME = "hostname"
    SITE = "site"
    SEGMENT = "segment"
    OWNER = "owner"
    LOCATION = "location"
    PURPOSE = "purpose"
    STATUS = "status"
    FIRST_SEEN = "first_seen"
    LAST_SEEN = "last_seen"


class OwnField(str):
    """A field that the firm declared for itself: `custom.NAME`."""

    __slots__ = ()

    @property
    def value(self) -> str:
        """The same, as a Field or a SortKey says it."""
        return str(self)


@dataclass(frozen=True, slots=True)
class Condition:
    """A field that has one of the values (`none` and `any` go with every field), or has none of them.

    The values of a day's field are spans: `2026-01-01..2027-01-01` without the last day, either side open.
    """

    field: Field | OwnField
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class DeviceQuery:
    """Which devices, in which order; all of them by address when nothing is said."""

    conditions: tuple[Condition, ...] = ()
    text: tuple[str, ...] = ()
    sort: SortKey | OwnField = SortKey.IP
    descending: bool = False

    def sorted_by(self, text: str) -> "DeviceQuery":
        """The same devices in another order: `vendor`, or `-last_seen` for the latest first.

        By a field of the firm's own those that have it come first, either way round.
        """
        name = text.removeprefix("-")
        plain = name.replace("-", "_")
        key = _own(name) or next((each for each in SortKey if each.value == _ALIASES.get(plain, plain)), None)
        if key is None:
            keys = ", ".join((*SortKey, _OWN_SHOWN))
            raise UsageFault(_("cannot sort by {word!r}; try one of: {keys}").format(word=text, keys=keys))
        return replace(self, sort=key, descending=text.startswith("-"))


EVERYTHING = DeviceQuery()
DAYS = frozenset({Field.FIRST_SEEN, Field.LAST_SEEN, Field.EOL})

_ALIASES = {
    "seg": "segment",
    "host": "hostname",
    "name": "hostname",
    "device_class": "class",
    "scope": "in_scope",
    "connection_method": "connection",
    "seen": "last_seen",
    "fw": "firmware",
    "zone": "network_zone",
}
_CLOSED: dict[Field, type[StrEnum]] = {
    Field.CLASS: DeviceClass,
    Field.CONNECTION: ConnectionMethod,
    Field.STATUS: DeviceStatus,
    Field.IN_SCOPE: InScope,
}
_COMPARED = re.compile(r"(-?[^\W\d][\w.-]*)(<=|>=|<|>)(.*)")
_OWN_SHOWN = f"{CUSTOM}…"
_DAY = re.compile(r"(\d{2,4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?")
_ROC_BEGAN, _ROC_YEARS_END = 1911, 1000  # years of the Republic are counted from 1912
ATTRIBUTE_OF: dict[Field, Attribute] = {
    Field.CLASS: Attribute.DEVICE_CLASS,
    Field.CONNECTION: Attribute.CONNECTION_METHOD,
    **{
        field: Attribute(field.value)
        for field in Field
        if field.value in set(Attribute) and field is not Field.MAC
    },
}

_NOT_ASKED = (Field.CONNECTION, ConnectionMethod.NONE)  # `connection:none` asks where nothing is known
_NONE_OR_ANY = {"無": NONE, "有": ANY}
_CHINESE = {
    "據點": "site",
    "網段": "segment",
    "連接埠": "port",
    "狀態": "status",
    "首次發現": "first_seen",
    "最近發現": "last_seen",
    "支援終止": "eol",
    "排序": "sort",
    **{NAMES[Attribute][attribute].zh: field.value for field, attribute in ATTRIBUTE_OF.items()},
}
"""Fields as the Chinese screens head their columns."""


def parse(text: str) -> DeviceQuery:
    """The query a person typed; UsageFault names the word that makes no sense and what would.

    Fields and words of the vocabularies may be said as screens call them, in either language.
    """
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split, lexer.quotes, lexer.escape, lexer.commenters = True, '"', "", ""
    try:
        words = list(lexer)
    except ValueError as error:
        raise UsageFault(_("a quotation mark is not closed: {text}").format(text=text)) from error
    query = DeviceQuery()
    for word in words:
        compared = _COMPARED.fullmatch(word)
        said = word.replace("：", ":", 1) if word.partition("：")[0].removeprefix("-") in _CHINESE else word
        name, colon, value = compared.groups() if compared else said.partition(":")
        negated = name.startswith("-")
        bare = name.removeprefix("-").lower().replace("-", "_")
        bare = _CHINESE.get(bare, bare)
        if colon == ":" and bare == "sort":
            query = query.sorted_by(value)
        elif colon and (field := _own(name.removeprefix("-")) or _field(bare)):
            values = _values(field, value, word, colon)
            condition = Condition(field, values, negated)
            query = replace(query, conditions=(*query.conditions, condition))
        elif colon and bare.isidentifier() and not _looks_like_address(word):
            fields = ", ".join(field_names())
            reason = _("there is no field {name!r} (in {word!r}); fields: {fields}")
            raise UsageFault(reason.format(name=name, word=word, fields=fields))
        else:
            query = replace(query, text=(*query.text, word.casefold()))
    return query


def field_names() -> tuple[str, ...]:
    """The fields as the screens head them; those that have no heading by their own names."""
    chinese = {field: heading for heading, field in _CHINESE.items()} if is_chinese() else {}
    return (*(chinese.get(field.value, field.value) for field in Field), _OWN_SHOWN)


def span(value: str) -> tuple[date | None, date | None]:
    """The first day of a day's value, and the first day after it; None where that side is open."""
    first, _dots, after = value.partition("..")
    return (date.fromisoformat(first) if first else None), (date.fromisoformat(after) if after else None)


def _own(name: str) -> OwnField | None:
    return OwnField(name) if name.startswith(CUSTOM) and name != CUSTOM else None


def _field(name: str) -> Field | None:
    name = _ALIASES.get(name, name)
    return next((field for field in Field if field.value == name), None)


def _values(field: Field | OwnField, text: str, word: str, sign: str) -> tuple[str, ...]:
    values = tuple(value.strip() for value in text.split(",") if value.strip())
    if not values:
        raise UsageFault(_("{word!r} names no value").format(word=word))
    if sign != ":" and field not in DAYS:
        days = ", ".join(sorted(DAYS))
        raise UsageFault(_("{word!r}: only days can be compared: {days}").format(word=word, days=days))
    return tuple(_value(field, value, sign) for value in values)


def _value(field: Field | OwnField, value: str, sign: str) -> str:
    lower = value.casefold()
    if sign != ":":
        return _days(lower, sign)
    if lower in (NONE, ANY, *_NONE_OR_ANY):
        return _NONE_OR_ANY.get(lower, lower)
    if isinstance(field, OwnField):
        return lower
    if field in _CLOSED:
        return _word(field, lower)
    if field in DAYS:
        return _days(lower, sign)
    if field is Field.PORT:
        proto, slash, number = lower.rpartition("/")
        if not number.isdecimal() or not 0 < int(number) < 65536 or (slash and proto not in ("tcp", "udp")):
            raise UsageFault(_("{value!r} is not a port (try 443 or udp/161)").format(value=value))
    if field is Field.IP:
        return ",".join(target_networks(value))
    return lower


def _word(field: Field, said: str) -> str:
    """The word of the vocabulary, from itself, its name in either language, or half of one (`印表機`)."""
    names = NAMES[_CLOSED[field]]
    for word, name in names.items():
        if said in {word, name.en.casefold(), name.zh, *name.zh.split("／")} and (field, word) != _NOT_ASKED:
            return str(word)
    known = ", ".join(
        sorted(
            name.zh if is_chinese() else word for word, name in names.items() if (field, word) != _NOT_ASKED
        )
    )
    reason = _("{field}:{value} is not known; try one of: {known}")
    raise UsageFault(reason.format(field=field.value, value=said, known=known))


def _days(text: str, sign: str) -> str:
    """The span that lies so to the year, month or day named."""
    try:
        first, after = _year_month_or_day(text)
    except (ValueError, OverflowError):
        reason = _("{text!r} is no day: write 2027, 2026-01 or 2026-01-31")
        raise UsageFault(reason.format(text=text)) from None
    return {"<": f"..{first}", "<=": f"..{after}", ">": f"{after}..", ">=": f"{first}.."}.get(
        sign, f"{first}..{after}"
    )


def _year_month_or_day(text: str) -> tuple[date, date]:
    """Its first day, and the first day after it; years below 1000 are the Republic's."""
    named = _DAY.fullmatch(text)
    if named is None:
        raise ValueError(text)
    year = int(named[1]) + (_ROC_BEGAN if int(named[1]) < _ROC_YEARS_END else 0)
    month, day = int(named[2] or 1), int(named[3] or 1)
    first = date(year, month, day)
    if named[3]:
        return first, first + timedelta(days=1)
    if named[2]:
        return first, date(year + month // 12, month % 12 + 1, 1)
    return first, date(year + 1, 1, 1)


def _looks_like_address(word: str) -> bool:
    return word.count(":") > 1 and all(c in "0123456789abcdefABCDEF:./-" for c in word)
