"""The coverage's denominators: who is declared, leased, in a table, answering; who is silent."""

from datetime import UTC, datetime

from agent.service.topology import standing
from inventory.types import Address, Device, DeviceStatus, Fact, Observation, Scope, Target, Unanswered

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SCOPE = Scope("192.0.2.0/28", "hq", "office")


def device(ip: str, status: DeviceStatus = DeviceStatus.DISCOVERED) -> Device:
    address = Address(ip, None, "hq", "office", NOW, NOW)
    return Device(f"d-{ip}", status, "hq", "office", NOW, NOW, addresses=(address,))


def said(source: str, ip: str) -> Observation:
    return Observation("r", "v", Target(ip, None, "hq", "office"), source, NOW, (Fact("x", "y"),))


def test_each_way_of_knowing_is_counted_and_the_silent_are_named() -> None:
    devices = [
        device("192.0.2.1", DeviceStatus.CONFIRMED),
        device("192.0.2.2"),
        device("192.0.2.3", DeviceStatus.IN_SERVICE),
        device("192.0.2.4"),
        device("192.0.2.5", DeviceStatus.RETIRED),
        device("198.51.100.1", DeviceStatus.CONFIRMED),
    ]
    heard = {
        "d-192.0.2.1": [said("arp", "192.0.2.1"), said("dhcp-lease", "192.0.2.1")],
        "d-192.0.2.2": [said("dhcp-lease", "192.0.2.2"), said("arp-table", "192.0.2.2")],
        "d-192.0.2.4": [said("snmp", "192.0.2.4"), said("snmp", "192.0.2.9")],
        "d-192.0.2.5": [said("arp", "192.0.2.5")],
    }
    one = standing([SCOPE], devices, heard, NOW.date())[0].known
    assert one.known == 4
    assert (one.declared, one.leased, one.in_tables, one.answering) == (2, 2, 1, 2)
    assert one.unanswered == (
        Unanswered("192.0.2.2", ("in-tables", "leased")),
        Unanswered("192.0.2.3", ("declared",)),
    )


def test_a_network_of_which_nobody_knows_anything_says_so() -> None:
    one = standing([SCOPE], [], {}, NOW.date())[0].known
    assert (one.known, one.answering, one.unanswered) == (0, 0, ())
