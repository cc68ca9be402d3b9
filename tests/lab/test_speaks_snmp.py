"""The SNMP agent, asked by Net-SNMP's own tools."""

import re

import pytest
from pydantic import ValidationError

from lab.speaks.snmp import SnmpSettings
from tests.lab.pretend_device import ask_udp, run, speaking

PRINTER = {
    "communities": ["firm"],
    "versions": ["1", "2c", "3"],
    "enterprise": "367",
    "system": {"descr": "RICOH IM C3000", "object_id": "1.3.6.1.4.1.367.1.1"},
    "oids": {"prtGeneralSerialNumber.1": "STRING: S-1", "1.3.6.1.4.1.9.9.0": "Hex-STRING: 00 ff"},
}
SWITCH = {**PRINTER, "bridge": {"ports": "24", "first_if_index": "10001"}, "arp_table": "yes"}
GET = bytes.fromhex("302502010104046669726da01a0202007b020100020100300e300c06082b060102010101000500")
"""GET of sysDescr.0 with the community `firm`."""
BULK = ("snmpbulkwalk", "-On", "-v2c", "-c", "firm", "-r0", "-t2")


async def test_v1_and_v2c_walks_see_the_same_rows() -> None:
    async with speaking("snmp", **SWITCH) as device:
        _, one = await run("snmpwalk", "-On", "-v1", "-c", "firm", "-r0", "-t2", device.at, ".1")
        _, two = await run(*BULK, device.at, ".1")
    rows = [line for line in two.splitlines() if "No more variables" not in line]
    assert [line for line in one.splitlines() if line != "End of MIB"] == rows
    assert '.1.3.6.1.2.1.43.5.1.1.17.1 = STRING: "S-1"' in rows
    assert len(rows) > 250


async def test_get_tells_what_is_not_there_in_each_versions_way() -> None:
    asked = ("-r0", "-t2")
    async with speaking("snmp", **PRINTER) as device:
        _, old = await run("snmpget", "-v1", "-c", "firm", *asked, device.at, ".1.3.6.1.2.1.99.1")
        _, new = await run("snmpget", "-v2c", "-c", "firm", *asked, device.at, ".1.3.6.1.2.1.99.1")
    assert "noSuchName" in old
    assert "No Such Object" in new


async def test_the_wrong_community_hears_nothing() -> None:
    async with speaking("snmp", **PRINTER) as device:
        assert await ask_udp(device, GET.replace(b"firm", b"pubs"), GET) == await ask_udp(device, GET)


async def test_nothing_can_be_written() -> None:
    target = (".1.3.6.1.2.1.1.6.0", "s", "moved")
    async with speaking("snmp", **PRINTER) as device:
        code, said = await run("snmpset", "-v2c", "-c", "firm", "-r0", "-t1", device.at, *target)
    assert code != 0
    assert "notWritable" in said


async def test_v3_discovery_gives_an_engine_id_made_of_enterprise_and_mac() -> None:
    async with speaking("snmp", **PRINTER) as device:
        _, said = await run(
            "snmpget", "-v3", "-u", "nobody", "-d", "-r0", "-t2", device.at, ".1.3.6.1.2.1.1.1.0"
        )
    assert "Unknown user name" in said
    dumped = "".join(re.findall(r"^[0-9A-F]{4}: ((?:[0-9A-F]{2} +)+)", said, re.MULTILINE))
    assert "8000016F030026730A0B0C" in re.sub(r"\s", "", dumped)


async def test_the_switch_knows_who_hangs_on_which_port() -> None:
    async with speaking("snmp", **SWITCH) as device:
        _, ports = await run(*BULK, device.at, ".1.3.6.1.2.1.17.4.3.1.2")
        _, vlans = await run(*BULK, device.at, ".1.3.6.1.2.1.17.7.1.2.2.1.2")
        _, names = await run(*BULK, device.at, ".1.0.8802.1.1.2.1.4.1.1.9")
        _, arp = await run(*BULK, device.at, ".1.3.6.1.2.1.4.22.1.2")
    assert ".1.3.6.1.2.1.17.4.3.1.2.0.17.34.51.68.85 = INTEGER: 3" in ports
    assert ".1.3.6.1.2.1.17.4.3.1.2.0.17.34.51.68.102 = INTEGER: 7" in ports
    assert ".17.7.1.2.2.1.2.1.0.17.34.51.68.85 = INTEGER: 3" in vlans
    assert ".17.7.1.2.2.1.2.20.0.17.34.51.68.102 = INTEGER: 7" in vlans
    assert '"phone-1"' in names
    assert "pc-1" not in names
    assert ".4.22.1.2.2.10.1.2.3 = Hex-STRING: 00 11 22 33 44 55" in arp


@pytest.mark.parametrize(
    "hostile",
    [b"\x30", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80\x00\x00", b"\xff" * 1400],
    ids=["one byte", "long length", "indefinite length", "noise"],
)
async def test_hostile_datagrams_are_met_with_silence(hostile: bytes) -> None:
    async with speaking("snmp", **PRINTER) as device:
        usual = await ask_udp(device, GET)
        assert b"RICOH IM C3000" in usual
        assert await ask_udp(device, hostile, GET) == usual


@pytest.mark.parametrize(
    ("name", "value"),
    [("sysDescription.0", "STRING: x"), ("sysDescr.0", "x"), ("sysDescr.0", "TEXT: x"), ("1", "INTEGER: 1")],
)
def test_an_unreadable_row_is_refused_when_the_persona_is_read(name: str, value: str) -> None:
    with pytest.raises(ValidationError):
        SnmpSettings.model_validate({"system": PRINTER["system"], "oids": {name: value}})
