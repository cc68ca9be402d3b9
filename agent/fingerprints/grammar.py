"""Reads product texts the way most vendors write them: maker first, then the model, then the rest.

Knows no product. What it says is weak: any pattern that knows the text better outweighs it.
"""

import re
from functools import cache
from typing import NamedTuple

from inventory.vendors import Vendor, all_vendors, key

AT_START = 0.6
WITHIN = 0.45
CODED_MODEL = 0.4  # a model with a number in it
NAMED_MODEL = 0.28  # proper names alone
_LONGEST_NAME = 4  # words in the longest vendor name worth looking for
_FARTHEST = 25  # words into a text
_SHORTEST_WITHIN = 4
_MOST_WORDS = 4
_WORD = re.compile(r"[^\s,;:/()\[\]|\"=_<>]+")
_JOINED = re.compile(r"[-_]")
_CORPORATE = re.compile(
    r"[\s,.]*\b(?:inc|corp|corporation|co|ltd|llc|gmbh|ag|systems|networks|technologies|technology|company|"
    r"electronics|communications|international|s\.?r\.?o)\b\.?",
    re.IGNORECASE,
)
_END = re.compile(r"[,;:|()\[\]<>\"\r\n]| - | /|/(?=[vV]?\d+\.\d)|\s{3,}")
_TOKEN = re.compile(r"[^\s&]+")
_VERSION = re.compile(r"[vV]?\d+\.\d[\w.\-()]*|[vV]\d[\w.]*|[rR]\d+\.[\d.]+")
_NOT_A_CODE = re.compile(
    r"\d{6,}|\d+-?[pP]orts?|\d+/\d+(?:/\d+)*\S*|\d+[bB]ase\S*|"
    r"\d+(?:[GMgm](?:[bB]ps|[bB]|bit|E|HZ|[hH]z)|k[vV][aA]|[VWAvw])|"
    r"\d{1,2}|802\.\S*|1[19]\d\d|20\d\d|\d+x\d+\S*|\d+th|IPv\d|UPnP\S*|11[abgnx/]+|(?:[0-9A-Fa-f]{2}[:-]){5}\S+",
)
_GLUED_VERSION = re.compile(r"(?<=[a-z0-9])v\d+\.\d.*|(?<=[a-z])\d+\.\d+\.\d.*")
_NUMBER = re.compile(r"\d{3,5}[A-Za-z]?")
_CODE = re.compile(r"(?=.*\d)[\w.+\-/!*#]{3,30}")  # a letter and a digit are a family (`S7`)
_TAIL = re.compile(r"[IVX]{1,4}|[A-Z]{1,3}|[A-Z]?\d{1,2}[A-Z]?|PLUS|Plus|Pro|PRO|Max|Lite|Mini|HD|MFP|Mk")
_STOPS = frozenset(
    "version ver vers firmware fw sw s/w software release rel rev revision build copyright serial "  # noqa: SIM905
    "kernel running ready ftp telnet login httpd http web snmp agent platform operating os with from "
    "by at on for built compiled linux system code rom eeprom boot bootloader hw hardware mac uptime "
    "ser# ser snr sn s/n connected welcome server configuration utility management manager console "
    "administrator administration interface service "
    "authentication admin portal webconfig".split()
)
_COMMON = frozenset(
    "switch switches router routers routing gateway modem bridge hub firewall appliance controller "  # noqa: SIM905
    "camera cameras printer printers print printing copier scanner fax multifunction mfp laser color "
    "colour mono inkjet network networks networking ethernet wireless wifi wi-fi wlan lan wan access "
    "point ap managed smart stackable poe poe+ gigabit fast cloud internet broadband cable dsl adsl "
    "vdsl voip ip sip phone telephone device devices unit module card board adapter adaptor series "
    "family product products small business office enterprise home industrial layer l2 l3 port ports "
    "rack mount metered switched monitored power supply ups pdu distribution security video recorder "
    "nvr dvr encoder decoder server intelligent advanced digital remote professional large format "
    "wide outdoor indoor dual single internal external built-in edge core stack chassis dome fixed "
    "box ptz thermal label receipt audio speaker horn cabinet display projector sensor monitor "
    "monitoring environment environmental storage nas array tape library the a an of and to new".split()
)


class Reading(NamedTuple):
    """A vendor found in a text and the model that seems to follow ("" for none), each with its certainty."""

    vendor: str
    certainty: float
    model: str = ""
    model_certainty: float = 0.0


def read(text: str) -> Reading | None:
    """The first vendor a product text names; None where it names none."""
    line = next((part for part in text.splitlines() if part.strip()), "")
    words = list(_WORD.finditer(line))[:_FARTHEST]
    for position, word in enumerate(words):
        for length in range(min(_LONGEST_NAME, len(words) - position), 0, -1):
            name = line[word.start() : words[position + length - 1].end()]
            vendor = _names().get(key(name))
            if vendor is None and length == 1 and position == 0:
                name = _JOINED.split(name, maxsplit=1)[0]
                vendor = _names().get(key(name))
            if vendor and _plausible(vendor, position, name):
                end = word.start() + len(name)
                rest = _CORPORATE.sub("", line[end : end + 20], count=3) + line[end + 20 :]
                rest = _without_again(rest, name)
                certainty = AT_START if position == 0 else WITHIN
                model = model_in(rest)
                if not model[0] and not rest.strip(" \t-|.)"):
                    before = model_in(line[: word.start()])
                    model = before if before[1] == CODED_MODEL else model
                return Reading(vendor.name, certainty, *model)
    return None


def _without_again(rest: str, name: str) -> str:
    """`rest` without the maker's name, where the text says it twice (`3Com 3Com Switch 5500G`)."""
    first, _space, more = rest.strip().partition(" ")
    return more if more and first.casefold() == name.casefold() else rest


def model_in(rest: str) -> tuple[str, float]:
    """The model a text goes on with after its maker's name, and how certain that is; ("", 0) for none.

    Words that only say what kind of thing it is are left out around it: `Network Camera VB-C60` is VB-C60.
    """
    rest = rest.lstrip(" \t,.:;_-(/[")
    end = _END.search(rest)
    names: list[str] = []
    tokens = [
        _GLUED_VERSION.sub("", token[0]) for token in _TOKEN.finditer(rest[: end.start()] if end else rest)
    ]
    read_so_far = 0
    for position, token in enumerate(tokens[:8]):
        word = token.strip(".'!*").casefold()
        if word in _STOPS or _VERSION.fullmatch(token):
            break
        read_so_far = position + 1
        if word in _COMMON or _NOT_A_CODE.fullmatch(token):
            continue
        if _CODE.fullmatch(token):
            if position == 0 and end is None and len(tokens) <= _MOST_WORDS and not _prose(tokens):
                return " ".join(tokens)[:60].strip("-_/."), CODED_MODEL
            code = [token]
            for follower in tokens[position + 1 : position + 3]:
                if follower.casefold() in _COMMON | _STOPS or not _TAIL.fullmatch(follower):
                    break
                code.append(follower)
            before = tokens[:position] if _NUMBER.fullmatch(token) else names[-1:]
            if len(" ".join(before)) > len(token) and not _NUMBER.fullmatch(token):
                before = []
            return " ".join([*before[-2:], *code])[:60].strip("-_/."), CODED_MODEL
        if token[0].isupper() and len(names) < _MOST_WORDS:
            names.append(token)
        else:
            break
    is_all = end is None and read_so_far == len(tokens) <= _MOST_WORDS
    name = " ".join(tokens) if names and is_all else ""
    return (name, NAMED_MODEL) if len(name) > _SHORTEST_WITHIN else ("", 0.0)


def _prose(tokens: list[str]) -> bool:
    """Whether a text has words that belong to no product's name."""
    words = {token.strip(".'!*").casefold() for token in tokens}
    return bool(words & (_COMMON | _STOPS)) or any(
        _VERSION.fullmatch(token) or _NOT_A_CODE.fullmatch(token) or token[0].islower() or "=" in token
        for token in tokens
    )


def _plausible(vendor: Vendor, position: int, name: str) -> bool:
    if position == 0:
        return vendor.spot or len(name) > _SHORTEST_WITHIN
    return vendor.spot and len(name) >= _SHORTEST_WITHIN and name[0].isupper()


@cache
def _names() -> dict[str, Vendor]:
    return {key(name): vendor for vendor in all_vendors() for name in (vendor.name, *vendor.also)}
