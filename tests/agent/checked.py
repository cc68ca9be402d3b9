"""Devices and observations for tests of checks, as short as they can be told."""

from dataclasses import replace
from datetime import UTC, datetime

from agent.checks.subject import Measures, Subject
from inventory.types import (
    Address,
    Attribute,
    Device,
    DeviceClass,
    DeviceStatus,
    Fact,
    Held,
    Observation,
    Service,
    Target,
)

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
TARGET = Target("192.0.2.10", None, "hq", "office")


def held(value: str, by: str = "person:amy", at: datetime = NOW) -> Held:
    return Held(value, by, at, locked=by.startswith("person:"))


def device(
    kind: str = "printer", attributes: dict[Attribute, Held] | None = None, **fields: object
) -> Device:
    made = Device(
        id="d-1",
        status=DeviceStatus.DISCOVERED,
        site="hq",
        segment="office",
        first_seen=NOW,
        last_seen=NOW,
        attributes={Attribute.DEVICE_CLASS: held(kind, by="snmp"), **(attributes or {})},
        addresses=(Address("192.0.2.10", None, "hq", "office", NOW, NOW),),
    )
    return replace(made, **fields)


def heard(source: str, service: str | None = None, at: datetime = NOW, **facts: str) -> Observation:
    told = tuple(Fact(name.replace("__", "."), value) for name, value in facts.items())
    return Observation("run-1", "here", TARGET, source, at, told, service, f"sha256:{source}")


SWEPT = heard("ports", ports__left_out="none")
HTTPS = Service("tcp", 443, "https", "", "", NOW, NOW)
TELNET = Service("tcp", 23, "telnet", "", "", NOW, NOW)
DECLARED = {Attribute.DECLARED_PORTS: held("tcp/443")}
UNCONNECTED = {Attribute.CONNECTION_METHOD: held("none")}
FILLED = {
    Attribute.OWNER: held("王小明"),
    Attribute.LOCATION: held("12F"),
    Attribute.PURPOSE: held("列印"),
    Attribute.CONNECTION_METHOD: held("wired", by="lldp"),
    **DECLARED,
}
MEASURES = Measures(segments={DeviceClass.CAMERA: frozenset({"iot"})})
RETIRED = Subject(device(status=DeviceStatus.RETIRED), (), NOW)


def subject(given_device: Device, *observations: Observation, at: datetime = NOW) -> Subject:
    return Subject(given_device, observations, at, MEASURES)


def product(vendor: str, model: str, version: str = "", kind: str = "printer") -> Device:
    values = {Attribute.VENDOR: vendor, Attribute.MODEL: model, Attribute.FIRMWARE: version}
    return device(kind, {key: held(value, by="snmp") for key, value in values.items() if value})
