"""Vendors' own discovery: asked of their devices alone, and what the pretend devices say is understood."""

import random

import pytest

from agent.fingerprints import Fingerprinter
from agent.fingerprints.loading import load
from agent.permit import Gate, Permit
from agent.probes import PROBES, VENDORS_OWN
from agent.probes.reply import Context, Probe, Reply
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from inventory.types import Attribute, ProbeOutcome, Scope, Touch
from tests.lab.pretend_device import speaking

DEVICES = {
    "ubiquiti": (
        {"platform": "UAP", "firmware": "BZ.ar7240.v4.0.80.10875.180131.2119"},
        {Attribute.VENDOR: "Ubiquiti", Attribute.MODEL: "UAP", Attribute.FIRMWARE: "4.0.80.10875"},
    ),
    "dahua": (
        {
            "device_type": "DHI-NVR4216-4KS2",
            "device_class": "NVR",
            "version": "4.001.0000003.1",
            "serial": "4F0A1B2PAZ00001",
        },
        {
            Attribute.VENDOR: "Dahua",
            Attribute.MODEL: "DHI-NVR4216-4KS2",
            Attribute.FIRMWARE: "4.001.0000003.1",
            Attribute.SERIAL: "4F0A1B2PAZ00001",
            Attribute.DEVICE_CLASS: "recorder",
        },
    ),
    "bjnp": (
        {"device_id": "MFG:Canon;CMD:BJL;CLS:PRINTER;MDL:MX870 series;"},
        {Attribute.VENDOR: "Canon", Attribute.DEVICE_CLASS: "printer"},
    ),
}


async def asked(probe: Probe, port: int) -> tuple[Reply, ...]:
    admitted = Gate([Scope("127.0.0.0/8", "hq", "here")]).admit("127.0.0.1", Touch.QUERY)
    assert isinstance(admitted, Permit)
    door = Door(Pace(1e6, 1e6), Limits(), 2, randomness=random.Random(3))
    return await probe.ask(door, admitted, port, Context((), 2.0, lambda _oid: ()))


@pytest.mark.parametrize("name", DEVICES)
async def test_what_the_device_tells_is_concluded(name: str) -> None:
    settings, expected = DEVICES[name]
    probe = next(one for one in PROBES if one.name == name)
    async with speaking(name, **settings) as device:
        (reply,) = await asked(probe, device.port)
    assert reply.outcome is ProbeOutcome.ANSWERED
    fingerprinter = Fingerprinter(load())
    concluded = fingerprinter.conclude(fingerprinter.claims(reply.facts, source=reply.source))
    assert {what: concluded[what].value for what in expected if what in concluded} == expected


def test_every_vendors_question_is_bound_to_its_vendor() -> None:
    assert {probe.name for probe in VENDORS_OWN.values()} == set(DEVICES)
