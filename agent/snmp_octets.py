"""The octets of an SNMP value as text: one reading for what is asked live and what is read from a file."""

from typing import Final

# Columns whose octets are an address, bits or a wireless network's name (octets of any kind), even where
# they happen to be letters.
_OCTETS_COLUMNS: Final = (
    "1.3.6.1.2.1.2.2.1.6.",  # ifPhysAddress (RFC 2863)
    "1.3.6.1.2.1.4.22.1.2.",  # ipNetToMediaPhysAddress (RFC 1213)
    "1.3.6.1.2.1.4.35.1.4.",  # ipNetToPhysicalPhysAddress (RFC 4293)
    "1.3.6.1.2.1.17.1.1.",  # dot1dBaseBridgeAddress (RFC 4188)
    "1.3.6.1.4.1.9.9.23.1.2.1.1.4.",  # cdpCacheAddress (CISCO-CDP-MIB)
    # Networks of controllers and access points (agent/wireless/data/gear.yaml)
    "1.3.6.1.4.1.9.9.521.1.1.1.1.3.",
    "1.3.6.1.4.1.9.9.521.1.1.1.1.5.",
    "1.3.6.1.4.1.9.9.521.1.1.1.1.6.",
    "1.3.6.1.4.1.14823.2.2.1.5.2.1.8.1.5.",
    "1.3.6.1.4.1.14823.2.2.1.5.2.2.1.1.2.",
    "1.3.6.1.4.1.14823.2.3.3.1.2.3.1.4.",
    "1.3.6.1.4.1.25053.1.1.6.1.1.1.1.1.2.",
    "1.3.6.1.4.1.25053.1.2.2.1.1.3.1.1.3.",
    "1.3.6.1.4.1.41112.1.4.5.1.4.",
    "1.3.6.1.4.1.41112.1.6.1.2.1.2.",
    "1.3.6.1.4.1.9.9.512.1.1.1.1.4.",
    "1.3.6.1.4.1.14179.2.1.4.1.7.",
    "1.3.6.1.4.1.14823.2.2.1.5.2.1.7.1.2.",
    "1.3.6.1.4.1.14823.2.2.1.5.2.2.1.1.12.",
    "1.3.6.1.4.1.14823.2.3.3.1.2.3.1.3.",
    "1.3.6.1.4.1.25053.1.2.2.1.1.2.3.1.3.",
    "1.3.6.1.4.1.25053.1.2.2.1.1.1.1.1.1.",
    "1.3.6.1.4.1.25053.1.1.6.1.1.1.1.1.1.",
    "1.3.6.1.4.1.41112.1.6.1.2.1.6.",
    "1.3.6.1.4.1.41112.1.4.5.1.2.",
    "1.3.6.1.4.1.12356.101.14.3.1.1.",
)
_CHASSIS_COLUMN: Final = "1.0.8802.1.1.2.1.4.1.1.5."  # six octets are a MAC, anything else a name
_MAC_BYTES: Final = 6
_ROMAN_8: Final = b"\x01\x15"  # symbol set 277, which HP's printers write before a text
_LEAST_ASCII: Final = 2 / 3  # Latin-1 fits any octets: believed only of a text that is mostly ASCII


def is_of_octets(oid: str) -> bool:
    """Whether the object is one whose octets are never read as text."""
    return oid.startswith(_OCTETS_COLUMNS)


def text_of_octets(raw: bytes, oid: str = "") -> str:
    """An OCTET STRING as printable text where it is some, else as hexadecimal with colons.

    Text is UTF-8, a double-byte encoding whose common characters it is made of, or mostly ASCII; a zero
    at its end is left out. `oid` is the object's, whose kind may be known.
    """
    if is_of_octets(oid) or (oid.startswith(_CHASSIS_COLUMN) and len(raw) == _MAC_BYTES):
        return raw.hex(":")
    plain = raw.rstrip(b"\0").removeprefix(_ROMAN_8)
    text = _decoded(plain)
    is_printable = all(character.isprintable() or character in "\r\n\t" for character in text)
    is_latin = not text.isascii() and text.encode("latin-1", errors="replace") == plain
    if not is_printable or (is_latin and sum(map(str.isascii, text)) < _LEAST_ASCII * len(text)):
        return raw.hex(":")
    return text


def _decoded(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        from agent.probes.charset import decoded  # with all the probes: identify rarely needs them

        return decoded(octets)
