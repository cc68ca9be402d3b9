"""The second opinion: every reader says the same of the same office, and what it cannot read is unclear."""

import ipaddress
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.isolation import expected
from agent.isolation.expected import Expected
from agent.isolation.rules import reading
from agent.isolation.rules.flow import Flow, Ruling
from agent.isolation.rules.opinion import Opinion, opinions
from inventory.exits import BadInput
from inventory.types import Crossing, CrossingState
from lab.demo_isolation import expected_matrix
from lab.persona import FOLDER as PERSONAS
from lab.persona import load_personas
from lab.topology import FOLDER as TOPOLOGIES
from lab.topology import load_office
from lab.wiring import firewall

NETWORKS = {
    "office": [ipaddress.ip_network("10.1.10.0/24")],
    "iot": [ipaddress.ip_network("10.1.20.0/24")],
    "guest": [ipaddress.ip_network("10.1.30.0/24")],
}
SEGMENTS = {str(own[0]): name for name, own in NETWORKS.items()} | {name: name for name in NETWORKS}
ADMIN = "10.1.10.250"

NFT = """
table inet router {
  set cameras { type ipv4_addr; elements = { 10.1.20.5, 10.1.20.6 } }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    ip saddr 10.1.10.250 counter packets 3 bytes 180 accept
    iifname "br-office" oifname "br-iot" tcp dport { 443, 554 } accept
    iifname "br-guest" oifname "br-office" tcp dport 9100 accept comment "once"
    iifname "br-office" oifname "br-guest" jump lobby
  }
  chain lobby {
    udp dport 5000-5010 accept
    return
  }
}
"""
NFT_JSON = """{"nftables": [{"metainfo": {"version": "1.0"}},
 {"chain": {"family": "inet", "table": "r", "name": "f", "hook": "forward", "policy": "drop"}},
 {"chain": {"family": "inet", "table": "r", "name": "lobby"}},
 {"rule": {"family": "inet", "table": "r", "chain": "f", "handle": 1, "expr": [
   {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}},
   {"accept": null}]}},
 {"rule": {"family": "inet", "table": "r", "chain": "f", "handle": 2, "expr": [
   {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "10.1.10.250"}},
   {"accept": null}]}},
 {"rule": {"family": "inet", "table": "r", "chain": "f", "handle": 3, "expr": [
   {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "br-office"}},
   {"match": {"op": "==", "left": {"meta": {"key": "oifname"}}, "right": "br-iot"}},
   {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}},
    "right": {"set": [443, 554]}}},
   {"accept": null}]}},
 {"rule": {"family": "inet", "table": "r", "chain": "f", "handle": 4, "expr": [
   {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "br-guest"}},
   {"match": {"op": "==", "left": {"meta": {"key": "oifname"}}, "right": "br-office"}},
   {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 9100}},
   {"accept": null}]}},
 {"rule": {"family": "inet", "table": "r", "chain": "f", "handle": 5, "expr": [
   {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "br-office"}},
   {"match": {"op": "==", "left": {"meta": {"key": "oifname"}}, "right": "br-guest"}},
   {"jump": {"target": "lobby"}}]}},
 {"rule": {"family": "inet", "table": "r", "chain": "lobby", "handle": 6, "expr": [
   {"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}},
    "right": {"range": [5000, 5010]}}}, {"accept": null}]}}
]}"""
IPTABLES = """
*nat
:PREROUTING ACCEPT [0:0]
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:lobby - [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -s 10.1.10.250/32 -j ACCEPT
-A FORWARD -i br-office -o br-iot -p tcp -m multiport --dports 443,554 -j ACCEPT
-A FORWARD -i br-guest -o br-office -p tcp -m tcp --dport 9100 -m comment --comment "once" -j ACCEPT
-A FORWARD -i br-office -o br-guest -j lobby
-A lobby -p udp -m udp --dport 5000:5010 -j ACCEPT
COMMIT
"""
IOS = """
hostname rt-1
interface GigabitEthernet0/0.10
 ip address 10.1.10.1 255.255.255.0
 ip access-group FROM-OFFICE in
interface GigabitEthernet0/0.20
 ip address 10.1.20.1 255.255.255.0
 ip access-group NOTHING in
interface GigabitEthernet0/0.30
 ip address 10.1.30.1 255.255.255.0
 ip access-group 130 in
ip access-list extended FROM-OFFICE
 10 permit ip host 10.1.10.250 any
 20 permit tcp 10.1.10.0 0.0.0.255 10.1.20.0 0.0.0.255 eq 443 554
 30 permit udp any 10.1.30.0 0.0.0.255 range 5000 5010
ip access-list extended NOTHING
 permit tcp any any established
 deny ip any any log
access-list 130 permit tcp any 10.1.10.0 0.0.0.255 eq 9100
"""
FORTIGATE = """
config system interface
    edit "lan"
        set ip 10.1.10.1 255.255.255.0
    next
    edit "cams"
        set ip 10.1.20.1 255.255.255.0
    next
    edit "lobby"
        set ip 10.1.30.1 255.255.255.0
    next
end
config firewall address
    edit "admin"
        set subnet 10.1.10.250 255.255.255.255
    next
end
config firewall service custom
    edit "rtsp"
        set tcp-portrange 554
    next
    edit "signage"
        set udp-portrange 5000-5010
    next
    edit "raw-print"
        set tcp-portrange 9100
    next
end
config firewall policy
    edit 1
        set srcintf "lan"
        set dstintf "any"
        set srcaddr "admin"
        set dstaddr "all"
        set action accept
        set schedule "always"
        set service "ALL"
    next
    edit 2
        set srcintf "lan"
        set dstintf "cams"
        set srcaddr "all"
        set dstaddr "all"
        set action accept
        set schedule "always"
        set service "HTTPS" "rtsp"
    next
    edit 3
        set srcintf "lobby"
        set dstintf "lan"
        set srcaddr "all"
        set dstaddr "all"
        set action accept
        set schedule "always"
        set service "raw-print"
    next
    edit 4
        set srcintf "lan"
        set dstintf "lobby"
        set srcaddr "all"
        set dstaddr "all"
        set action accept
        set schedule "always"
        set service "signage"
    next
    edit 5
        set status disable
        set srcintf "any"
        set dstintf "any"
        set srcaddr "all"
        set dstaddr "all"
        set action accept
        set service "ALL"
    next
end
"""
IOS_GROUPS = """object-group network CAMS
 range 10.1.20.0 10.1.20.127
 10.1.20.128 255.255.255.128
object-group service WATCH
 tcp eq 443
 tcp 554
""" + IOS.replace(
    "permit tcp 10.1.10.0 0.0.0.255 10.1.20.0 0.0.0.255 eq 443 554",
    "permit object-group WATCH 10.1.10.0 0.0.0.255 object-group CAMS",
)
FORMS = {
    "nft": NFT,
    "nft-json": NFT_JSON,
    "iptables": IPTABLES,
    "ios": IOS,
    "ios-groups": IOS_GROUPS,
    "fortigate": FORTIGATE,
}


def said(text: str, tmp_path: Path, *measured: Crossing) -> tuple[Opinion, ...]:
    path = tmp_path / "rules"
    path.write_text(text, encoding="utf-8")
    rules = reading.read(path, SEGMENTS)
    return opinions(rules, NETWORKS, Expected(), measured, date(2026, 7, 1))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_same_rules_says_the_same(form: str, tmp_path: Path) -> None:
    passing = {
        (one.source, one.target, one.service)
        for one in said(FORMS[form], tmp_path)
        if one.ruling is Ruling.PASS and not one.only
    }
    assert passing == {
        ("office", "iot", "tcp/443"),
        ("office", "iot", "tcp/554"),
        ("guest", "office", "tcp/9100"),
        ("office", "guest", "udp/5000"),
        ("office", "guest", "udp/5010"),
    }


@pytest.mark.parametrize("form", FORMS)
def test_what_passes_for_one_address_alone_is_named(form: str, tmp_path: Path) -> None:
    only = [one for one in said(FORMS[form], tmp_path) if one.only and one.target == "iot"]
    assert only
    assert all(one.only.startswith(ADMIN) and one.ruling is Ruling.PASS for one in only)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_unclear_where_every_word_is_known(form: str, tmp_path: Path) -> None:
    assert not [one for one in said(FORMS[form], tmp_path) if one.ruling is Ruling.UNCLEAR]


@pytest.mark.parametrize(
    ("form", "line", "instead"),
    [
        ("nft", "tcp dport 9100 accept", "meta mark 7 accept"),
        ("nft", "tcp dport 9100 accept", "tcp dport vmap { 80 : accept }"),
        ("iptables", "-m tcp --dport 9100", "-m geoip --source-country TW"),
        ("fortigate", 'set service "raw-print"', 'set service "nobody-knows"'),
        ("ios", "eq 9100", "eq 9100 time-range nights"),
    ],
)
def test_a_match_nobody_knows_is_unclear_and_never_closed(
    form: str, line: str, instead: str, tmp_path: Path
) -> None:
    assert line in FORMS[form]
    way = next(
        one
        for one in said(FORMS[form].replace(line, instead), tmp_path)
        if (one.source, one.target) == ("guest", "office") and one.service in ("tcp/9100", "tcp/443")
    )
    found = reading.read(tmp_path / "rules", SEGMENTS)
    flow = Flow("10.1.30.9", "10.1.10.9", "guest", "office", "tcp", 9100)
    assert found.rule(flow)[0] is Ruling.UNCLEAR, way


def test_rules_that_contradict_the_measurement_are_told(tmp_path: Path) -> None:
    at = datetime(2026, 6, 30, tzinfo=UTC)
    seen = [
        Crossing("hq", "guest", "iot", "tcp/80", 4, CrossingState.OPEN, at, "laptop"),
        Crossing("hq", "office", "iot", "tcp/443", 4, CrossingState.BLOCKED, at, "laptop"),
        Crossing("hq", "office", "iot", "tcp/554", 4, CrossingState.OPEN, at, "laptop"),
        Crossing("hq", "iot", "office", "tcp/22", 4, CrossingState.NOT_TESTED, at, "laptop"),
        Crossing("hq", "iot", "office", "udp/161", 4, CrossingState.OPEN, at, "laptop", "10.1.10.5"),
        Crossing("hq", "iot", "office", "udp/161", 4, CrossingState.NOT_TESTED, at, "laptop", "10.1.10.6"),
    ]
    against = [(one.source, one.target, one.service) for one in said(NFT, tmp_path, *seen) if one.contradicts]
    assert sorted(against) == [
        ("guest", "iot", "tcp/80"),
        ("iot", "office", "udp/161 10.1.10.5"),
        ("office", "iot", "tcp/443"),
    ]


@pytest.mark.parametrize("text", ["", "hello", "{}", '{"nftables": 3}', "*filter\n:INPUT ACCEPT\n", "\x00"])
def test_what_is_no_ruleset_is_refused_in_one_line(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="rules") as refused:
        said(text, tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("form", FORMS)
@given(cuts=st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 60)), min_size=1, max_size=4))
def test_a_mangled_ruleset_is_read_or_refused(form: str, cuts: list[tuple[int, int]]) -> None:
    text = FORMS[form]
    for begin, length in cuts:
        text = text[:begin] + text[begin + length :]
    with TemporaryDirectory() as folder, suppress(BadInput):
        said(text, Path(folder))


@pytest.mark.parametrize("name", ["office", "segmented"])
def test_the_pretend_offices_wrong_rules_are_found_in_their_routers_rules(name: str, tmp_path: Path) -> None:
    office = load_office(TOPOLOGIES / f"{name}.yaml", load_personas(PERSONAS))
    path = tmp_path / "router.nft"
    path.write_text(firewall(office), encoding="utf-8")
    networks = {segment.name: [ipaddress.ip_network(str(segment.network))] for segment in office.segments}
    names = {str(own[0]): segment for segment, own in networks.items()} | {each: each for each in networks}
    meant = read_expected(tmp_path, expected_matrix(office))
    found = {
        (one.source, one.target, one.service)
        for one in opinions(reading.read(path, names), networks, meant, (), date(2026, 7, 1))
        if one.ruling is Ruling.PASS and not one.only and one.meant in ("denied", "unsaid")
    }
    wrong = {(rule.source, rule.target) for rule in office.rules if rule.wrong}
    assert {way[:2] for way in found} == wrong
    assert (("iot", "server", "tcp/445") in found) == (name == "office")


def read_expected(folder: Path, text: str) -> Expected:
    path = folder / "isolation.yaml"
    path.write_text(text, encoding="utf-8")
    return expected.read(path)
