"""Where devices hang, as switches and routers tell it: said only where the tables settle it."""

import pytest

from agent.probes.gear import Neighbour, Tables
from agent.service.wiring import Neighbourhood
from inventory.types import ConnectionMethod, DeviceClass

A, B, C, D = (f"02:00:00:00:00:0{number}" for number in "abcd")


def switch(ports: dict[str, str], *neighbours: Neighbour) -> tuple[str, Tables]:
    return "sw-1", Tables(ports=ports, neighbours=neighbours)


def test_alone_on_a_port_is_plugged_in_there() -> None:
    plug = Neighbourhood([switch({A: "7", B: "8"})]).plug_of(A, {})
    assert plug is not None
    assert (plug.switch, plug.port, plug.method) == ("sw-1", "7", ConnectionMethod.WIRED)


def test_the_switch_that_learned_the_fewest_beside_it_is_the_nearest() -> None:
    core = ("core", Tables(ports={A: "1", B: "1", C: "1"}))
    edge = ("edge", Tables(ports={A: "5", B: "6"}))
    plug = Neighbourhood([core, edge]).plug_of(A, {})
    assert plug is not None
    assert (plug.switch, plug.port) == ("edge", "5")


def test_a_device_that_announces_itself_hangs_there_whoever_is_behind_it() -> None:
    plug = Neighbourhood([switch({A: "7", B: "7"}, Neighbour("7", A, "ap", ""))]).plug_of(A, {})
    assert plug is not None
    assert plug.rule == "lldp.neighbour"


@pytest.mark.parametrize(
    ("own", "beside", "method"),
    [
        (DeviceClass.WORKSTATION, DeviceClass.PHONE, ConnectionMethod.WIRED),
        (DeviceClass.PRINTER, DeviceClass.ACCESS_POINT, ConnectionMethod.WIRELESS),
        (DeviceClass.ACCESS_POINT, DeviceClass.PRINTER, ConnectionMethod.WIRED),
        (DeviceClass.PRINTER, DeviceClass.SWITCH, None),
        (DeviceClass.PRINTER, DeviceClass.UNKNOWN, None),
        (DeviceClass.ACCESS_POINT, DeviceClass.SWITCH, None),
    ],
)
def test_on_a_shared_port_the_company_decides(
    own: DeviceClass, beside: DeviceClass, method: ConnectionMethod | None
) -> None:
    plug = Neighbourhood([switch({A: "7", B: "7"})]).plug_of(A, {A: own, B: beside})
    assert (plug.method if plug else None) == method


def test_nothing_is_said_of_a_device_no_switch_has_learned() -> None:
    assert Neighbourhood([switch({B: "7"})]).plug_of(A, {}) is None
    assert Neighbourhood().plug_of(A, {}) is None


def test_a_mac_two_routers_disagree_about_is_nobodys() -> None:
    one = ("r1", Tables(arp={"10.0.0.9": A, "10.0.0.8": B}))
    other = ("r2", Tables(arp={"10.0.0.9": C}))
    both = Neighbourhood([one, other])
    assert both.mac_of("10.0.0.9") == ("", "")
    assert both.mac_of("10.0.0.8") == (B, "r1")
    assert [ip for ip, _mac, _gear in both.silent(())] == ["10.0.0.8"]


def test_gear_does_not_count_its_own_addresses_among_the_silent() -> None:
    router = ("r1", Tables(own=frozenset({"10.0.0.1"}), arp={"10.0.0.1": A, "10.0.0.9": B}))
    assert [ip for ip, _mac, _gear in Neighbourhood([router]).silent({"10.0.0.9"})] == []
