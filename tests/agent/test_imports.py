"""Imports: what other tools found is taken in line by line, and every refused line has its reason."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from agent.cli.imports import import_
from agent.imports import leases, scanners
from agent.imports.taken import Taken
from inventory.console import Session
from inventory.exits import BadInput
from inventory.register import Register
from inventory.types import Scope, SystemClock

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LATER = int(NOW.timestamp()) + 3600
ISC = """# a journal
lease 192.0.2.10 {
  starts 5 2026/11/19 01:00:00;
  ends 5 2026/11/19 02:00:00;
  binding state active;
  hardware ethernet 02:aa:bb:cc:dd:10;
}
lease 192.0.2.10 {
  ends 6 2026/11/21 02:00:00;
  binding state active;
  hardware ethernet 02:aa:bb:cc:dd:11;
  client-hostname "prn-1";
}
lease 192.0.2.12 {
  ends 4 2026/11/18 02:00:00;
  binding state active;
  hardware ethernet 02:aa:bb:cc:dd:12;
}
lease 192.0.2.13 {
  binding state free;
  hardware ethernet 02:aa:bb:cc:dd:13;
}
lease 192.0.2.14 {
"""
KEA = f"""address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state
192.0.2.10,02:aa:bb:cc:dd:10,,3600,{LATER},1,0,0,old,0
192.0.2.10,02:aa:bb:cc:dd:11,,3600,{LATER},1,0,0,prn-1,0
192.0.2.12,02:aa:bb:cc:dd:12,,3600,1000,1,0,0,,0
192.0.2.13,02:aa:bb:cc:dd:13,,3600,{LATER},1,0,0,,2
"""
DNSMASQ = f"""{LATER} 02:aa:bb:cc:dd:11 192.0.2.10 prn-1 *
1000 02:aa:bb:cc:dd:12 192.0.2.12 * *
{LATER} 02:aa:bb:cc:dd:zz 192.0.2.13 * *
nonsense
"""
WINDOWS = """\ufeff#TYPE Microsoft.Management
"IPAddress","ScopeId","ClientId","HostName","AddressState","LeaseExpiryTime"
"192.0.2.10","192.0.2.0","02-aa-bb-cc-dd-11","prn-1","Active","2026/11/21 02:00:00"
"192.0.2.12","192.0.2.0","02-aa-bb-cc-dd-12","","Expired","2026/11/18 02:00:00"
"192.0.2.13","192.0.2.0","ff-aa-bb-cc-dd-13","","ActiveReservation",""
"""
NMAP = """<?xml version="1.0"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" start="1700000000">
<host endtime="1700000100"><status state="up"/>
<address addr="192.0.2.10" addrtype="ipv4"/><address addr="02:AA:BB:CC:DD:11" addrtype="mac"/>
<ports><port protocol="tcp" portid="80"><state state="open"/><service name="http" product="GoAhead"/></port>
<port protocol="tcp" portid="22"><state state="closed"/></port></ports></host>
<host><status state="down"/><address addr="192.0.2.11" addrtype="ipv4"/></host>
</nmaprun>
"""
MASSCAN = """[
{   "ip": "192.0.2.10",   "timestamp": "1700000000", "ports": [ {"port": 80, "proto": "tcp"} ] },
{   "ip": "224.0.0.1", "ports": [ {"port": 80, "proto": "tcp"} ] },
{   "ip": "192.0.2.11", "ports":
{   "ip": "192.0.2.12" }
{finished: 1}
]
"""
ARP_SCAN = """Interface: eth0, type: EN10MB
Starting arp-scan 1.10.0
192.0.2.10\t02:aa:bb:cc:dd:11\tSome Maker
192.0.2.999\t02:aa:bb:cc:dd:12\tOther

3 packets received by filter, 0 packets dropped by kernel
Ending arp-scan 1.10.0: 256 hosts scanned in 1.9 seconds
"""


@pytest.mark.parametrize("text", [ISC, KEA, DNSMASQ, WINDOWS], ids=["isc", "kea", "dnsmasq", "windows"])
def test_only_leases_in_force_are_taken_in_with_their_name(text: str) -> None:
    taken = leases.read(text.splitlines(), NOW)
    assert [(one.ip, one.mac) for one in taken.entries] == [("192.0.2.10", "02:aa:bb:cc:dd:11")]
    assert {fact.name: fact.value for fact in taken.entries[0].facts}["dhcp.hostname"] == "prn-1"
    assert len(taken.refused) >= 2
    assert all(one.line > 0 and one.reason for one in taken.refused)


def test_a_refused_line_is_named_by_its_number_and_reason() -> None:
    refused = {one.line: one.reason for one in leases.read(DNSMASQ.splitlines(), NOW).refused}
    assert refused[2] == "the lease ended on 1970-01-01"
    assert "is not a MAC address" in refused[3]
    assert 4 in refused


def test_nmap_gives_hosts_that_are_up_with_their_open_ports() -> None:
    taken = scanners.nmap(NMAP)
    (host,) = taken.entries
    assert (host.ip, host.mac, host.at) == (
        "192.0.2.10",
        "02:aa:bb:cc:dd:11",
        datetime.fromtimestamp(1700000100, UTC),
    )
    assert [service for service, _facts in host.ports] == ["tcp/80"]
    assert [(one.line, one.reason) for one in taken.refused] == [(8, "the host is not up")]


def test_nmap_files_cannot_make_the_reader_swell() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE nmaprun [<!ENTITY a "aaaa">]><nmaprun>&a;</nmaprun>'
    assert [one.reason for one in scanners.nmap(bomb).refused] == [
        "declares an entity, which nmap never does"
    ]


def test_masscan_and_arp_scan_lines_are_told_from_what_stands_around_them() -> None:
    ports = scanners.masscan(MASSCAN.splitlines())
    assert [(one.ip, one.ports[0][0]) for one in ports.entries] == [("192.0.2.10", "tcp/80")]
    assert [one.line for one in ports.refused] == [3, 4, 5]
    macs = scanners.arp_scan(ARP_SCAN.splitlines())
    assert [(one.ip, one.mac) for one in macs.entries] == [("192.0.2.10", "02:aa:bb:cc:dd:11")]
    assert [one.line for one in macs.refused] == [4]


@given(st.text(max_size=400))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    for read in (
        lambda: leases.read(text.splitlines(), NOW),
        lambda: scanners.nmap(text),
        lambda: scanners.masscan(text.splitlines()),
        lambda: scanners.arp_scan(text.splitlines()),
    ):
        assert isinstance(read(), Taken)


def test_the_command_keeps_what_is_in_scope_and_reports_the_rest(tmp_path: Path) -> None:
    place = str(tmp_path / "register.sqlite")
    with Register.open(place, SystemClock()) as register:
        register.add_scope(Scope("192.0.2.0/28", "hq", "office"), "tester")
    file = tmp_path / "found.txt"
    file.write_text(ARP_SCAN + "198.51.100.1\t02:aa:bb:cc:dd:44\tX\n", encoding="utf-8")
    session = Session(register_url=place)
    done = CliRunner().invoke(import_, ["arp-scan", str(file), "--format", "json"], obj=session)
    report = json.loads(done.output)
    assert report["kept"] == 1
    assert {one["line"] for one in report["refused"]} == {4, 8}
    with Register.open(place, SystemClock()) as register:
        (device,) = register.devices()
    assert [(one.ip, one.mac) for one in device.addresses] == [("192.0.2.10", "02:aa:bb:cc:dd:11")]


def test_a_file_of_another_kind_is_refused_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "other.xml"
    file.write_text("<html></html>", encoding="utf-8")
    session = Session(register_url=str(tmp_path / "register.sqlite"))
    done = CliRunner().invoke(import_, ["nmap", str(file)], obj=session)
    assert isinstance(done.exception, BadInput)
    assert "begins with <html>" in done.output
