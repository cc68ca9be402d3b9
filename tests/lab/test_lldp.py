"""What a switch announces, read back with a parser nobody here wrote."""

import pytest
from scapy.contrib.lldp import (
    LLDPDU,
    LLDPDUChassisID,
    LLDPDUManagementAddress,
    LLDPDUPortID,
    LLDPDUSystemCapabilities,
    LLDPDUSystemDescription,
    LLDPDUSystemName,
)
from scapy.layers.l2 import Ether

from lab import topology
from lab.lldp import frame, heralds_of
from lab.persona import load_personas
from lab.plan import make_plan
from lab.topology import load_office

LONGEST = 255  # octets of a system description, IEEE 802.1AB-2016 8.5.7


@pytest.mark.parametrize("description", ["A switch", "x" * 600])
def test_a_foreign_parser_reads_the_announcement(description: str) -> None:
    packet = Ether(frame("00:26:73:00:00:01", 20, "sw-core", description, "10.10.10.3"))
    assert packet.dst == "01:80:c2:00:00:0e"
    assert packet.type == 0x88CC
    assert LLDPDU in packet
    assert packet[LLDPDUChassisID].id == "00:26:73:00:00:01"
    assert packet[LLDPDUPortID].id == b"20"
    assert packet[LLDPDUSystemName].system_name == b"sw-core"
    assert packet[LLDPDUSystemDescription].description == description[:LONGEST].encode()
    assert packet[LLDPDUSystemCapabilities].mac_bridge_enabled == 1
    assert packet[LLDPDUManagementAddress].management_address == bytes((10, 10, 10, 3))


def test_only_the_switch_that_a_vantage_hangs_on_is_heard_there() -> None:
    plan = make_plan(load_office(topology.DEFAULT, load_personas()))
    heralds = {
        station.device.name: heralds_of(plan, station)
        for station in plan.stations
        if heralds_of(plan, station)
    }
    assert set(heralds) == {"sw-core"}
