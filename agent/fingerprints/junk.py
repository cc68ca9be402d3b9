"""Values that devices give when they have nothing to say; none of them is ever a claim."""

import re

from inventory.types import Attribute

LONGEST = 120
_EMPTY_WORDS = re.compile(
    r"(?:n/?a|none|null|nil|unknown|undefined|"
    r"not[ _-]?(?:set|available|specified|applicable|present|defined|found|supported|configured)|"
    r"default(?: string)?|empty|invalid|tbd|no asset tag|"
    r"to be filled(?: by o\.?e\.?m\.?)?|system (?:serial|product|manufacturer)(?: number| name)?|"
    r"serial ?(?:number|no\.?)?|number|s/n|model|unset|uninitialized|generic|oem|private|public|"
    r"test|error|xxxx*)",
    re.IGNORECASE,
)
_FILLER = re.compile(r"[\W_]*|[0\W_]+|[xX\W_]+|[fF]{6,}|[?*]+")
_COUNTED = re.compile(
    r"0?1234567?8?9?0?|0123456789?(?:abcdef)?|9876543210?|abc(?:def)?(?:123)?", re.IGNORECASE
)
_HOSTNAMES = re.compile(
    r"localhost(?:\..*)?|localdomain|\(none\)|router|switch|printer|camera|ipcam|device|host|sysname|"
    r"\d{1,3}(?:\.\d{1,3}){3}",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(  # a part number, a MAC, a kind of device
    r"\d{2,3}-\d{5,8}(?:-\d+)?|(?=.*[a-f])(?:[0-9a-f]{2}[:-]?){5}[0-9a-f]{2}|ipmi|bmc|\d", re.IGNORECASE
)
_NO_VENDOR = re.compile(  # of a chip or of the software in it
    r"(?:realtek|broadcom|marvell|mediatek|ralink|atheros|qualcomm|aricent|lwip|net-?snmp|linux|gnu)\b.*",
    re.IGNORECASE,
)
_NO_MAC = re.compile(r"(?:00[:-]?){5}00|(?:ff[:-]?){5}ff", re.IGNORECASE)


def is_junk(attribute: Attribute, value: str) -> bool:
    """Whether `value` says nothing about `attribute`."""
    if not value or _FILLER.fullmatch(value) or _EMPTY_WORDS.fullmatch(value):
        return True
    if attribute is Attribute.SERIAL:
        return bool(_COUNTED.fullmatch(value)) or len(value) < 3
    if attribute is Attribute.HOSTNAME:
        return bool(_HOSTNAMES.fullmatch(value))
    if attribute is Attribute.MAC:
        return bool(_NO_MAC.fullmatch(value))
    if attribute is Attribute.VENDOR:
        return bool(_NO_VENDOR.fullmatch(value))
    if attribute is Attribute.MODEL:
        return not any(letter.isalnum() for letter in value) or bool(_NO_MODEL.fullmatch(value))
    if attribute in {Attribute.FIRMWARE, Attribute.SERVICE_VERSION}:
        return not any(letter.isalnum() for letter in value)
    return False


def tidy(value: str) -> str:
    """A value fit to be kept: one line, single spaces, no stray punctuation around it, at most LONGEST."""
    plain = " ".join(value.replace("\x00", " ").split()).strip(" ,;:|\"'`")
    if plain.endswith(")") and plain.count(")") > plain.count("("):
        plain = plain[:-1].rstrip()
    return plain[:LONGEST].rstrip() if len(plain) > LONGEST else plain
