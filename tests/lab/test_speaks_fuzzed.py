"""No datagram, and no mutation of a good one, makes a server do worse than say Malformed."""

import struct
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.speaks import Host, bacnet, ber, mdns, nbns, sip, snmp, ssdp, wsd
from lab.speaks.http_wire import Request
from lab.speaks.ipp_printer import IppPrinter, PrinterAttributes
from lab.speaks.malformed import Malformed
from lab.speaks.onvif import DeviceService, Onvif

HOST = Host(name="p", persona="p", ip="127.0.0.1", mac="00:26:73:0a:0b:0c", hostname="p-1")
ASKER = ("127.0.0.1", 40_000)

GET = bytes.fromhex("302602010104067075626c6963a019020405f5e100020100020100300b300906052b060102010500")
V3 = bytes.fromhex(
    "303e020103301102047a1b2c3d020300ffe30401040201030410300e0400020100020100040004000400"
    "301404000400a00e020405f5e1000201000201003000"
)
QUERY = struct.pack(">HHHHHH", 1, 0, 1, 0, 0, 0) + b"\x04_ipp\x04_tcp\x05local\0" + b"\x00\x0c\x00\x01"
STATUS = struct.pack(">HHHHHH", 5, 0, 1, 0, 0, 0) + b"\x20CK" + b"A" * 30 + b"\0\x00\x21\x00\x01"
WHO_IS = bytes.fromhex("810b000c0120ffff00ff1008")
READ = bytes.fromhex("810a001101040005010c0c023fffff194d")
OPTIONS = (
    b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c\r\nAuthorization: Digest username=x\r\nTo: <x>\r\n\r\n"
)
SEARCH = b'M-SEARCH * HTTP/1.1\r\nMAN: "ssdp:discover"\r\nST: ssdp:all\r\n\r\n'
PROBE = (
    b'<e:Envelope xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"><w:MessageID>1</w:MessageID>'
    b'<d:Probe xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"/></e:Envelope>'
)
ATTRIBUTES = b"\x01\x01\x00\x0b\x00\x00\x00\x01\x01\x47\x00\x12attributes-charset\x00\x05utf-8\x03"

AGENT = snmp.Agent(
    HOST,
    snmp.SnmpSettings.model_validate(
        {"versions": ["1", "2c", "3"], "bridge": {}, "system": {"descr": "d", "object_id": "1.3.6.1"}}
    ),
)
RESPONDER = mdns.Responder(
    HOST, mdns.MdnsSettings.model_validate({"services": [{"type": "_ipp._tcp", "port": "631"}]})
)
PRINTER = IppPrinter(PrinterAttributes(name="n", make_and_model="m"), lambda _: None)
CAMERA = DeviceService(HOST, Onvif(manufacturer="m", model="m", firmware="f", serial="s"), "http")
OWN = {
    "nbns": nbns.NbnsSettings(),
    "bacnet": bacnet.BacnetSettings(instance=1, vendor_id=8, vendor_name="v", model_name="m", firmware="f"),
    "sip": sip.SipSettings(agent="a", registrar=True),
    "ssdp": ssdp.SsdpSettings(location="l", server="s", udn="u"),
    "wsd": wsd.WsdSettings(uuid="u"),
}
GOOD = (GET, V3, QUERY, STATUS, WHO_IS, READ, OPTIONS, SEARCH, PROBE, ATTRIBUTES)


@st.composite
def datagrams(draw: st.DrawFn) -> bytes:
    """Noise, or a good message cut off, or with a few of its bytes changed."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=200))
    data = bytearray(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(0, 4))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))])


def test_the_good_messages_are_answered() -> None:
    assert all(map(AGENT.answer, (GET, V3)))
    assert RESPONDER.answer(QUERY, ASKER)
    assert nbns._answer(HOST, OWN["nbns"], STATUS)
    assert all(bacnet._answer(HOST, OWN["bacnet"], each) for each in (WHO_IS, READ))
    assert sip._answer(HOST, OWN["sip"], OPTIONS)
    assert ssdp._answer(OWN["ssdp"], SEARCH)
    assert wsd._answer(OWN["wsd"], PROBE)
    assert PRINTER.answer(ATTRIBUTES)


@settings(max_examples=400, deadline=None)
@given(datagrams())
def test_no_datagram_is_a_surprise(data: bytes) -> None:
    with suppress(Malformed):
        AGENT.answer(data)
    with suppress(Malformed):
        RESPONDER.answer(data, ASKER)
    with suppress(Malformed):
        nbns._answer(HOST, OWN["nbns"], data)
    with suppress(Malformed):
        bacnet._answer(HOST, OWN["bacnet"], data)
    with suppress(Malformed):
        sip._answer(HOST, OWN["sip"], data)
    with suppress(Malformed):
        ssdp._answer(OWN["ssdp"], data)
    with suppress(Malformed):
        wsd._answer(OWN["wsd"], data)
    with suppress(Malformed):
        PRINTER.answer(data)
    CAMERA.answer(Request("POST", "/", "/", {}, data))


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_integers_come_back(number: int) -> None:
    assert ber.read_integer(ber.integer(number))[0] == number


@given(st.integers(0, 2), st.integers(0, 39), st.lists(st.integers(0, (1 << 32) - 1), max_size=20))
def test_object_identifiers_come_back(first: int, second: int, rest: list[int]) -> None:
    name = (first, second, *rest)
    assert ber.read_object_id(ber.object_id(name))[0] == name


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40))
def test_no_bytes_pass_for_an_element_that_they_do_not_hold(data: bytes) -> None:
    with suppress(Malformed):
        _, content, after = ber.read(data)
        assert after <= len(data)
        assert data[:after].endswith(content)
