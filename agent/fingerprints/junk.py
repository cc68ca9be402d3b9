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
_BARE_KIND = re.compile(
    r"(?:(?:network|ip|wireless)[ -])?(?:printer|router|camera|sensor|ups|pdu|firewall|appliance|bridge|"
    r"access point|ap|switch|server|phone|modem|device|chassis|nas|scanner)",
    re.IGNORECASE,
)
_KIND = re.compile(  # words that say what sort of thing it is, and no others
    r"(?:(?:the|my|a|ip|web|net|network|networked|wireless|wired|wlan|wifi|wi-fi|lan|wan|adsl|vdsl|dsl|cable|home|"
    r"office|internet|ethernet|managed|smart|digital|video|audio|color|laser|outdoor|indoor|enterprise|printer|"
    r"print|printing|scanner|fax|copier|camera|cam|recorder|nvr|dvr|phone|telephone|pbx|ap|access|point|bridge|"
    r"router|switch|gateway|firewall|modem|hub|nas|storage|ups|pdu|rack|power|sensor|monitor|display|"
    r"projector|controller|control|panel|board|card|module|chassis|stack|appliance|device|unit|server|system|"
    r"interface|configurator|manager|management|main|menu|page|home)(?:[\s\-/_]+|$))+",
    re.IGNORECASE,
)
_PROMPT = re.compile(  # what is asked of whoever connects, or told to them
    r".*\b(?:log ?[io]n|pass ?word|user ?name|welcome|please|copyright|authori[sz]ed|press|enter|unavailable|"
    r"required|forbidden|not found)\b.*|.*[>#$%:?]",
    re.IGNORECASE,
)
_MOST_WORDS = 16
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
        return bool(_NO_VENDOR.fullmatch(value) or _PROMPT.fullmatch(value))
    if attribute is Attribute.MODEL:
        if not any(letter.isalnum() for letter in value) or len(value.split()) > _MOST_WORDS:
            return True
        return any(pattern.fullmatch(value) for pattern in (_NO_MODEL, _BARE_KIND, _PROMPT))
    if attribute in {Attribute.FIRMWARE, Attribute.SERVICE_VERSION}:
        return not any(letter.isalnum() for letter in value)
    return False


def is_generic(value: str) -> bool:
    """Whether a name that no rule knows says only what sort of thing it is (`Home Wireless Router`)."""
    return bool(_KIND.fullmatch(value))


def tidy(value: str) -> str:
    """A value fit to be kept: one line, single spaces, no stray punctuation around it, at most LONGEST."""
    plain = " ".join(value.replace("\x00", " ").split()).strip(" ,;:|\"'`")
    if plain.endswith(")") and plain.count(")") > plain.count("("):
        plain = plain[:-1].rstrip()
    return plain[:LONGEST].rstrip() if len(plain) > LONGEST else plain
