"""Who owns a number: IANA enterprise numbers and IEEE OUIs, from copies that say their source and date.

`python -m agent.fingerprints.numbers WIRESHARK_DIR IEEE_DATA_DIR` builds both copies anew from what Debian's
packages libwireshark-data (enterprises.tsv, and the newer OUIs of manuf) and ieee-data hold.
"""

import csv
import gzip
import re
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path

from inventory.vendors import canonical, of_enterprise

ENTERPRISES = "1.3.6.1.4.1."
_OWNERS_OF_NO_DEVICE = frozenset(
    {0, 1, 4, 8072, 2021, 14851, 99, 4413, 27282, 24686, 12325, 10520, 16972, 17409}
)
# Their OUIs are of chips and modules that others build in: such a MAC does not say whose device it is.
_MAKERS_OF_PARTS = re.compile(
    r"(?:texas instruments|laird|espressif|realtek|microchip|nordic semi|silicon lab|murata|u-blox|azurewave|"
    r"liteon|lite-on|ampak|universal global scientific|broadcom|qualcomm|mediatek|ralink|marvell|wiznet|"
    r"hon hai|cloud network tech|chicony|gemtek|alpha networks|wistron|compal|pegatron|quanta computer|tuya|"
    r"intel corp|shenzhen bilian|fn-link|quectel|redpine|atheros|annapurna|"
    r"ieee registration authority|private)\b.*",
    re.IGNORECASE,
)
_DATA = "data"


def enterprise_of(oid: str) -> int | None:
    """The enterprise number a private OID stands under; None for every other OID."""
    if not oid.startswith(ENTERPRISES):
        return None
    number = oid[len(ENTERPRISES) :].partition(".")[0]
    return int(number) if number.isdecimal() and len(number) <= 10 else None


def vendor_of_enterprise(number: int) -> str | None:
    """The vendor an enterprise number speaks for; None for agents and chips that many vendors build on."""
    if number in _OWNERS_OF_NO_DEVICE:
        return None
    if listed := of_enterprise(number):
        return listed.name
    owner = _table("enterprises.txt.gz").get(str(number))
    return canonical(owner) or None if owner else None


def vendor_of_mac(mac: str) -> str | None:
    """The vendor whose block a MAC address comes from.

    None for locally administered and unassigned ones, and for the blocks of makers of chips and modules.
    """
    digits = re.sub(r"[^0-9A-Fa-f]", "", mac).upper()
    if len(digits) != 12 or int(digits[1], 16) & 0b11:
        return None
    blocks = _table("ouis.txt.gz")
    for length in (9, 7, 6):
        if owner := blocks.get(digits[:length]):
            return None if _MAKERS_OF_PARTS.fullmatch(owner) else canonical(owner)
    return None


@cache
def _table(name: str) -> dict[str, str]:
    raw = (files("agent.fingerprints") / _DATA / name).read_bytes()
    lines = gzip.decompress(raw).decode("utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if not line.startswith("#"))


def _build(wireshark: Path, ieee: Path) -> None:
    folder = Path(__file__).parent / _DATA
    dated = "unknown"
    rows: list[str] = []
    for line in (wireshark / "enterprises.tsv").read_text(encoding="utf-8", errors="replace").splitlines():
        if found := re.search(r"last updated (\S+?)\)", line):
            dated = found[1]
        if entry := re.match(r"(\d+)\s+(\S.*)", line):
            rows.append(f"{entry[1]}\t{entry[2].partition('#')[0].strip()[:60]}")
    head = f"# IANA private enterprise numbers, as of {dated}, by way of Debian's libwireshark-data"
    _write(folder / "enterprises.txt.gz", [head, *rows])
    blocks: dict[str, str] = {}
    for register in ("oui.csv", "mam.csv", "oui36.csv"):
        with (ieee / register).open(encoding="utf-8") as handle:
            for row in csv.DictReader(handle):
                blocks[row["Assignment"].upper()] = row["Organization Name"].strip()[:40]
    for line in (wireshark / "manuf").read_text(encoding="utf-8", errors="replace").splitlines():
        prefix, _tab, names = line.partition("\t")
        address, _slash, bits = prefix.partition("/")
        digits = address.replace(":", "").upper()[: int(bits) // 4 if bits.isdecimal() else 6]
        if re.fullmatch(r"[0-9A-F]{6,9}", digits) and bits in {"", "28", "36"} and names:
            blocks[digits] = names.split("\t")[-1].strip()[:40]
    head = "# IEEE MA-L, MA-M and MA-S, by way of Debian's libwireshark-data 4.0.17 and ieee-data 20220827.1"
    _write(folder / "ouis.txt.gz", [head, *(f"{block}\t{owner}" for block, owner in sorted(blocks.items()))])


def _write(path: Path, lines: list[str]) -> None:
    path.write_bytes(gzip.compress("\n".join(lines).encode("utf-8"), 9, mtime=0))


if __name__ == "__main__":
    _build(Path(sys.argv[1]), Path(sys.argv[2]))
