"""Readers of files that other tools, publishers and servers write, each with a file it reads well."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime

import feed_files
from test_imports import ISC, KEA, WINDOWS
from test_isolation_rules import FORMS, SEGMENTS
from test_wireless_kismet import access_point, advertised
from test_wireless_sources import AIRODUMP, IW, KISMET, NETXML, NMCLI

from agent.cli import snmpwalk
from agent.cli.identify import read_line
from agent.feeds.formats import read_feed
from agent.imports import leases, scanners
from agent.isolation.rules import reading
from agent.probes.reply import text_of
from agent.wireless import exports
from inventory.exits import BadInput

Pairs = Iterable[tuple[str, str]]
Reading = Callable[[bytes], Pairs]

_NOW = datetime(2026, 11, 20, tzinfo=UTC)
_ARP_SCAN = b"192.0.2.1\t02:aa:bb:cc:dd:11\tAcme\n"
_MASSCAN = b'{"ip": "192.0.2.1", "timestamp": "1", "ports": [{"port": 80, "proto": "tcp", "status": "open"}]}'
_DNSMASQ = b"2000000000 02:aa:bb:cc:dd:11 192.0.2.10 prn-1 *\n"
_NMAP = (
    b'<?xml version="1.0" encoding="UTF-8"?><nmaprun scanner="nmap"><host><status state="up"/>'
    b'<address addr="192.0.2.1" addrtype="ipv4"/><ports><port protocol="tcp" portid="80">'
    b'<state state="open"/></port></ports></host></nmaprun>'
)
_LINE = json.dumps({"id": "1", "source": "ftp", "input": "220 AXIS P3245 9.80"}).encode()
_WALK = b'.1.3.6.1.2.1.1.1.0 = STRING: "A switch"\n.1.3.6.1.2.1.2.2.1.6.1 = Hex-STRING: 02 AA BB CC DD 11 \n'
_WEAK = feed_files.weakness(
    "CVE-2024-1",
    9.8,
    feed_files.match(feed_files.cpe("o", "acme", "x9_firmware"), versionEndExcluding="2.1"),
    on=(feed_files.cpe("h", "acme", "x9", "-"),),
)
_NVD_11 = {
    "CVE_data_timestamp": "2023-11-20T00:00Z",
    "CVE_Items": [
        {
            "cve": {"CVE_data_meta": {"ID": "CVE-2019-1"}},
            "impact": {"baseMetricV3": {"cvssV3": {"baseScore": 9.8}}},
            "configurations": {
                "nodes": [
                    {
                        "operator": "OR",
                        "cpe_match": [
                            {
                                "vulnerable": True,
                                "cpe23Uri": feed_files.cpe("o", "acme", "x9_firmware", "1.0"),
                            }
                        ],
                    }
                ]
            },
        }
    ],
}
_DEVICES = json.dumps([access_point(advertised(crypt_string="WPA2 WPA2-PSK", ie_tag_content=[]))]).encode()
_CYCLES = [{"cycle": "7.4", "eol": "2028-11-11", "support": False, "latest": "7.4.9"}]
_PRODUCTS = feed_files.products(feed_files.product("fortios", feed_files.release("7.4", "2028-11-11")))


def _text(read: Callable[[str], object]) -> Reading:
    """A reader of text that keeps what it read to itself; a file it may refuse, in one line."""

    def facts(data: bytes) -> Pairs:
        with suppress(BadInput):
            read(text_of(data))
        return ()

    return facts


def _feed(content: bytes) -> Pairs:
    with suppress(BadInput):
        read_feed(content, "some/feed.json")
    return ()


def _netxml(content: bytes) -> Pairs:
    with suppress(BadInput):
        list(exports.netxml(content, "a file"))
    return ()


def _identified(line: bytes) -> Pairs:
    with suppress(ValueError):
        return [(fact.name, fact.value) for fact in read_line(line)[1]]
    return ()


_LEASES = _text(lambda text: leases.read(text.splitlines(), _NOW))

_RULES = _text(lambda text: reading.read_text(text, "a file", SEGMENTS))

FILES: tuple[tuple[str, bytes, Reading], ...] = (
    ("nmap", _NMAP, _text(scanners.nmap)),
    ("masscan", _MASSCAN, _text(lambda text: scanners.masscan(text.splitlines()))),
    ("arp-scan", _ARP_SCAN, _text(lambda text: scanners.arp_scan(text.splitlines()))),
    ("leases-dnsmasq", _DNSMASQ, _LEASES),
    ("leases-isc", ISC.encode(), _LEASES),
    ("leases-kea", KEA.encode(), _LEASES),
    ("leases-windows", WINDOWS.encode(), _LEASES),
    ("feed-kev", feed_files.KEV, _feed),
    ("feed-nvd", feed_files.nvd(_WEAK), _feed),
    ("feed-nvd-1.1", json.dumps(_NVD_11).encode(), _feed),
    ("feed-endoflife", _PRODUCTS, _feed),
    ("feed-endoflife-v0", json.dumps({"fortios": _CYCLES}).encode(), _feed),
    ("survey-iw", IW.encode(), _text(lambda text: list(exports.iw(text, "a file")))),
    ("survey-nmcli", NMCLI.encode(), _text(lambda text: list(exports.nmcli(text, "a file")))),
    ("survey-airodump", AIRODUMP.encode(), _text(lambda text: list(exports.airodump(text, "a file")))),
    ("survey-kismet", KISMET.encode(), _text(lambda text: list(exports.kismet_csv(text, "a file")))),
    ("survey-kismet-json", _DEVICES, _text(lambda text: list(exports.kismet_json(text, "a file")))),
    ("survey-netxml", NETXML.encode(), _netxml),
    *((f"rules-{name}", text.encode(), _RULES) for name, text in FORMS.items()),
    ("snmpwalk", _WALK, _text(lambda text: list(snmpwalk._rows(text)))),
    ("identify", _LINE, _identified),
)
