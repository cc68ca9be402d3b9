"""A value as a person typed it, and as the register keeps it: one spelling, no word a rule could misread."""

import re
import unicodedata
from datetime import date

from inventory.exits import UsageFault
from inventory.language import _
from inventory.types import MACHINE_READ, Attribute, ConnectionMethod, DeviceClass, InScope

LONGEST_VALUE = 2000
PLACE_SEPARATOR = " / "
_CLOSED: dict[Attribute, frozenset[str]] = {
    Attribute.DEVICE_CLASS: frozenset(DeviceClass),
    Attribute.CONNECTION_METHOD: frozenset(ConnectionMethod),
    Attribute.IN_SCOPE: frozenset(InScope),
}
_REPUBLIC = 1911  # year 1 of the Republic is 1912; no list of devices knows a year below 1000 otherwise
_DAY = re.compile(r"(?:民國)?(\d{2,4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


def checked(attribute: Attribute, text: str) -> str:
    """The text as it may be stored; UsageFault where it may not, and what may."""
    if attribute in MACHINE_READ:
        raise UsageFault(_("{attribute} is for scans to say").format(attribute=attribute.value))
    text = " ".join(text.split()) if attribute is not Attribute.NOTES else text.strip()
    if any(not character.isprintable() and character != "\n" for character in text):
        raise UsageFault(
            _("{attribute}: control characters are not allowed").format(attribute=attribute.value)
        )
    if len(text) > LONGEST_VALUE:
        reason = _("{attribute} is longer than {most} characters")
        raise UsageFault(reason.format(attribute=attribute.value, most=LONGEST_VALUE))
    closed = _CLOSED.get(attribute)
    if text and closed is not None and text not in closed:
        reason = _("{attribute} cannot be {text!r}; one of: {known}")
        known = ", ".join(sorted(closed))
        raise UsageFault(reason.format(attribute=attribute.value, text=text, known=known))
    spelled = _SPELLED.get(attribute)
    return spelled(text) if spelled else text


def place_path(text: str) -> str:
    """`hq/3F /copy room` as `hq / 3F / copy room`."""
    return PLACE_SEPARATOR.join(" ".join(part.split()) for part in text.split("/") if part.strip())


def declared_ports(text: str) -> str:
    """`tcp/80, 443` as `tcp/80,tcp/443`; UsageFault where a word is no port."""
    ports = set()
    for word in text.replace(",", " ").split():
        proto, slash, number = word.lower().rpartition("/")
        if not number.isdecimal() or not 0 < int(number) < 65536 or (slash and proto not in ("tcp", "udp")):
            raise UsageFault(_("{word!r} is not a port (try tcp/443 or udp/161)").format(word=word))
        ports.add((proto or "tcp", int(number)))
    return ",".join(f"{proto}/{number}" for proto, number in sorted(ports))


def day_in_iso(text: str) -> str:
    """`112/3/5`, `民國112年3月5日` and `2023/3/5` as `2023-03-05`; what is no whole day stays as it is."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", ""))
    if found is None:
        return text
    year, month, day = map(int, found.groups())
    try:
        return date(year if year >= 1000 else year + _REPUBLIC, month, day).isoformat()
    except ValueError:
        return text


_SPELLED = {
    Attribute.DECLARED_PORTS: declared_ports,
    Attribute.LOCATION: place_path,
    Attribute.PURCHASE_DATE: day_in_iso,
}
