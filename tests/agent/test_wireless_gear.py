"""Networks by the word of the gear that sends them: tables of controllers and access points, none guessed."""

import asyncio
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.permit import Gate, Permit
from agent.probes.reply import Context
from agent.service.wireless import ask
from agent.snmp_octets import text_of_octets
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.talk import Failed
from agent.wireless.exports import read
from agent.wireless.gear import kinds, networks_of
from inventory.types import (
    ProbeOutcome,
    Scope,
    Touch,
)
from lab.speaks import ber, mib
from lab.speaks.host import Host
from lab.speaks.snmp import Agent, SnmpSettings, System

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
EARLIER = datetime(2026, 6, 28, 3, 0, tzinfo=UTC)
CISCO = "1.3.6.1.4.1.9.9.521.1.1.1.1"
AIRESPACE = "1.3.6.1.4.1.14179.2.1"
ARUBA = "1.3.6.1.4.1.14823.2.2.1.5.2"
RUCKUS = "1.3.6.1.4.1.25053.1.1.6.1.1"
UNIFI = "1.3.6.1.4.1.41112.1.6.1.2.1"
FORTINET = "1.3.6.1.4.1.12356.101.14.3.1"


def cisco(index: int, ssid: str, **said: str) -> list[tuple[str, str]]:
    """One WLAN of a controller; what is not said stands as it is when all protection is off."""
    plain = {"2": "2", "3": "00", "4": "2", "5": "00", "6": "80", "13": "0", "wep": "0", "dot1x": "0"} | said
    rows = [(f"{CISCO}.{name}.{index}", value) for name, value in plain.items() if name.isdigit()]
    rows += [(f"{AIRESPACE}.1.1.8.{index}", plain["wep"]), (f"{AIRESPACE}.1.1.13.{index}", plain["dot1x"])]
    return [(f"1.3.6.1.4.1.9.9.512.1.1.1.1.4.{index}", ssid), *rows]


@pytest.mark.parametrize(
    ("said", "label", "weak", "pmf"),
    [
        ({}, "OPEN", ("open",), ""),
        ({"wep": "1"}, "WEP", ("wep",), ""),
        ({"2": "1", "3": "80", "6": "20"}, "WPA-PERSONAL", ("tkip", "wpa1"), ""),
        ({"4": "1", "5": "40", "6": "20"}, "WPA2-PERSONAL", ("no-mfp",), "off"),
        ({"4": "1", "5": "40", "6": "80"}, "WPA2-ENTERPRISE", ("no-mfp",), "off"),
        ({"4": "1", "5": "40", "6": "04", "13": "2"}, "WPA3-ENTERPRISE", (), "required"),
        ({"4": "1", "5": "40", "6": "00:80", "13": "2"}, "WPA3-PERSONAL", (), "required"),
        ({"4": "1", "5": "40", "6": "20:80", "13": "1"}, "WPA3-TRANSITION", ("mfp-optional",), "optional"),
        ({"2": "1", "3": "80", "4": "1", "5": "c0", "6": "20"}, "WPA/WPA2-MIXED-PERSONAL",
         ("tkip", "wpa1", "no-mfp"), "off"),
        ({"4": "1", "5": "00", "6": "20"}, "UNKNOWN", ("no-mfp",), "off"),
        ({"4": "1", "5": "20", "6": "20"}, "UNKNOWN", ("no-mfp",), "off"),
        ({"4": "1", "5": "40", "6": "00"}, "UNKNOWN", ("no-mfp",), "off"),
        ({"4": "7"}, "UNKNOWN", (), ""),
    ],
)  # fmt: skip
def test_a_cisco_wlan_is_graded_by_what_its_controller_says(
    said: dict[str, str], label: str, weak: tuple[str, ...], pmf: str
) -> None:
    (found,) = networks_of(cisco(3, "office", **said))
    assert (found.ssid, found.bssid, found.security, found.weak, found.pmf) == (
        "office",
        "",
        label,
        weak,
        pmf,
    )


def test_what_a_controller_does_not_tell_is_never_open_and_never_sound() -> None:
    (found,) = networks_of([("1.3.6.1.4.1.9.9.512.1.1.1.1.4.1", "old")])
    assert (found.security, found.weak) == ("UNKNOWN", ())


def test_a_network_that_is_switched_off_is_left_out() -> None:
    switch = f"{AIRESPACE}.1.1.6.1"
    assert networks_of([*cisco(1, "office"), (switch, "0")]) == ()
    assert len(networks_of([*cisco(1, "office"), (switch, "1")])) == 1


def test_an_aruba_controller_names_every_radio_and_who_joined() -> None:
    ap = "136.172.192.87.0.0.1"
    office = ".".join(str(octet) for octet in (6, *b"office"))
    found = {
        one.bssid: one
        for one in networks_of(
            [
                (f"{ARUBA}.1.7.1.2.{ap}.136.172.192.87.0.1", "office"),
                (f"{ARUBA}.1.7.1.8.{ap}.136.172.192.87.0.1", "36"),
                (f"{ARUBA}.1.7.1.2.{ap}.136.172.192.87.0.2", "guest"),
                (f"{ARUBA}.1.8.1.5.{office}", "04:00"),
                (f"{ARUBA}.1.8.1.5.5.103.117.101.115.116", "80"),
                (f"{ARUBA}.2.1.1.2.2.77.85.0.0.9", "88:ac:c0:57:00:01"),
                (f"{ARUBA}.2.1.1.12.2.77.85.0.0.10", "guest"),
            ]
        )
    }
    radio, open_one = found["88:ac:c0:57:00:01"], found["88:ac:c0:57:00:02"]
    assert (radio.security, radio.channel, radio.stations) == ("WPA2-PERSONAL", 36, ("02:4d:55:00:00:09",))
    assert (open_one.security, open_one.stations) == ("OPEN", ("02:4d:55:00:00:0a",))


def test_a_ruckus_access_point_tells_version_cipher_and_key_apart() -> None:
    def says(mode: str, version: str, cipher: str, auth: str) -> tuple[str, tuple[str, ...]]:
        (found,) = networks_of(
            [
                (f"{RUCKUS}.1.1.1.1.5", "branch"),
                (f"{RUCKUS}.1.1.1.2.5", "88:ac:c0:57:00:01"),
                (f"{RUCKUS}.3.1.1.5.5", mode),
                (f"{RUCKUS}.3.3.1.5.5", version),
                (f"{RUCKUS}.3.1.1.10.5", cipher),
                (f"{RUCKUS}.3.1.1.8.5", auth),
            ]
        )
        return found.security, found.weak

    assert says("1", "1", "1", "1") == ("OPEN", ("open",))
    assert says("2", "1", "1", "2") == ("WEP", ("wep",))
    assert says("3", "2", "3", "4") == ("WPA2-ENTERPRISE", ())
    assert says("3", "3", "4", "1") == ("WPA/WPA2-MIXED-PERSONAL", ("tkip", "wpa1"))
    assert says("3", "2", "1", "1")[0] == "UNKNOWN"


@pytest.mark.parametrize(
    ("security", "cipher", "label"),
    [("2", "1", "OPEN"), ("4", "1", "WEP"), ("8", "3", "WPA2-ENTERPRISE"), ("15", "3", "WPA3-TRANSITION"),
     ("17", "3", "OWE"), ("16", "3", "UNKNOWN"), ("0", "3", "UNKNOWN")],
)  # fmt: skip
def test_a_fortigate_names_the_security_of_its_networks(security: str, cipher: str, label: str) -> None:
    rows = [("1", "branch"), ("3", security), ("4", cipher), ("9", "30")]
    (found,) = networks_of([(f"{FORTINET}.{column}.1.12", value) for column, value in rows])
    assert (found.security, found.vlan) == (label, "30")


class ControllerDoor(Door):
    """A door behind which the lab's agent speaks for a controller with these objects."""

    def __init__(self, oids: dict[str, str]) -> None:
        super().__init__(Pace(1e6, 1e6), Limits(), 2, randomness=random.Random(3))
        system = System(descr="Cisco Controller", object_id="1.3.6.1.4.1.9.1.1069")
        host = Host("wlc-1", "wlc", "127.0.0.1", "88:ac:c0:57:00:00", "wlc-1")
        settings = SnmpSettings(communities=("firm",), system=system, oids=oids)
        self.agent = Agent(host, settings)
        self.questions: list[bytes] = []

    async def ask(
        self, permit: Permit, port: int, question: bytes, **_how: Any
    ) -> tuple[bytes, ...] | Failed:
        self.questions.append(question)
        answers = tuple(self.agent.answer(question))
        return answers or Failed(ProbeOutcome.SILENT, "no answer")


def test_a_controller_is_asked_for_its_own_tables_and_never_for_a_key() -> None:
    oids = {f"{CISCO}.{name}.1": f"INTEGER: {value}" for name, value in (("2", 2), ("4", 1), ("13", 2))}
    oids |= {f"{CISCO}.{name}.1": f"Hex-STRING: {value}" for name, value in (("3", "00"), ("5", "40"))}
    oids |= {f"{AIRESPACE}.1.1.{name}.1": "INTEGER: 0" for name in (8, 13)}
    oids |= {
        "1.3.6.1.4.1.9.9.512.1.1.1.1.4.1": "STRING: office",
        f"{CISCO}.6.1": "Hex-STRING: 20 80",
        f"{CISCO}.8.1": "STRING: the firm's own key",
    }
    door = ControllerDoor(oids)
    permit = Gate([Scope("127.0.0.0/8", "hq", "here")]).admit("127.0.0.1", Touch.QUERY)
    assert isinstance(permit, Permit)
    found = asyncio.run(ask(door, permit, Context(("other", "firm"), 0.1, lambda _oid: ())))
    assert not isinstance(found, Failed)
    assert [(one.ssid, one.security, one.pmf) for one in found] == [("office", "WPA3-TRANSITION", "required")]
    (key,) = (ber.object_id(mib.object_id(f"{CISCO}.{column}")) for column in ("8",))
    assert not any(key in question for question in door.questions)
    assert len(door.questions) < 30
    assert isinstance(asyncio.run(ask(door, permit, Context(("other",), 0.1, lambda _oid: ()))), Failed)


def test_a_walk_of_gear_is_imported_as_it_was_printed(tmp_path: Path) -> None:
    walk = tmp_path / "wlc.txt"
    lines = [
        '.1.3.6.1.4.1.9.9.512.1.1.1.1.4.1 = STRING: "office"',
        *(
            f".{CISCO}.{name}.1 = INTEGER: {value}"
            for name, value in (("2", "2"), ("4", "true(1)"), ("13", "0"))
        ),
        *(
            f".{CISCO}.{name}.1 = Hex-STRING: {value}"
            for name, value in (("3", "00"), ("5", "40"), ("6", "20 00"))
        ),
        *(f".{AIRESPACE}.1.1.{name}.1 = INTEGER: 0" for name in (8, 13)),
    ]
    walk.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (found,) = read(walk).networks
    assert (found.ssid, found.security, found.weak) == ("office", "WPA2-PERSONAL", ("no-mfp",))


_COLUMNS = [column for kind in kinds() for column in (kind.ssid, *kind.columns)]


@given(
    st.lists(
        st.tuples(
            st.builds(
                "{}.{}".format,
                st.sampled_from(_COLUMNS),
                st.one_of(
                    st.sampled_from(("1", "1.2", "6.111.102.102.105.99.101")),
                    st.text("0123456789.", max_size=30),
                ),
            ),
            st.one_of(
                st.sampled_from(("1", "2", "04", "c0:80", "office", "88:ac:c0:57:00:01", "9" * 5000)),
                st.text(),
            ),
        ),
        max_size=12,
    )
)
@settings(max_examples=60)
def test_whatever_an_agent_says_is_read_or_left_out(variables: list[tuple[str, str]]) -> None:
    for one in networks_of(variables):
        assert one.ssid
        assert one.security != "UNKNOWN" or "open" not in one.weak
        assert one.ssid.isprintable()


def test_addresses_bits_and_names_of_the_tables_are_never_read_as_text() -> None:
    for kind in kinds():
        octets = [each.column for each in kind.says if each.bits is not None]
        octets += [each for each in (kind.bssid, kind.stations.bssid) if each and each != "index"]
        octets += [each for each in (kind.ssid, kind.stations.ssid) if each]
        octets += [each.by for each in kind.says if "." in each.by]
        for column in octets:
            assert text_of_octets(b"AABBCC", f"{column}.1") == "41:41:42:42:43:43", (kind.gear, column)
