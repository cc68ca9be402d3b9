"""MikroTik's and Hikvision's announcements are heard on the wire and name their devices."""

import struct

import pytest
from parsers import PARSERS

from agent.fingerprints import Fingerprinter
from agent.fingerprints.loading import load
from agent.listen.frame import hear
from agent.listen.vendors import MNDP_PORT, SADP_PORT, sadp
from inventory.types import Attribute

MAC = bytes.fromhex("02aabbccdd01")
SAID = {one.name: one.data for one in PARSERS}


def broadcast(port: int, data: bytes) -> bytes:
    udp = struct.pack(">4H", port, port, 8 + len(data), 0) + data
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
    return b"\xff" * 6 + MAC + b"\x08\x00" + head + bytes((192, 0, 2, 9)) + b"\xff" * 4 + udp


@pytest.mark.parametrize(
    ("name", "port", "expected"),
    [
        (
            "mndp",
            MNDP_PORT,
            {Attribute.VENDOR: "MikroTik", Attribute.MODEL: "RB750Gr3", Attribute.FIRMWARE: "6.48.6"},
        ),
        ("sadp", SADP_PORT, {Attribute.MODEL: "DS-2CD2143G0-I", Attribute.FIRMWARE: "5.5.82"}),
    ],
)
def test_an_announcement_names_its_device(name: str, port: int, expected: dict[Attribute, str]) -> None:
    heard = hear(broadcast(port, SAID[name]))
    assert heard is not None
    assert (heard.source, heard.ip, heard.mac) == (name, "192.0.2.9", MAC.hex(":"))
    fingerprinter = Fingerprinter(load())
    concluded = fingerprinter.conclude(fingerprinter.claims(heard.facts, source=name))
    assert {what: concluded[what].value for what in expected if what in concluded} == expected


def test_an_inquiry_tells_nothing_of_its_sender() -> None:
    assert sadp(b"<Probe><Types>inquiry</Types><MAC>1</MAC></Probe>") == []
    assert hear(broadcast(MNDP_PORT, bytes(4))) is None
