"""The little of each device that tables over the whole register ask for.

A snapshot in memory is asked for it; one that is written while its devices go by is given it then.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from inventory.export.columns import empty_fields
from inventory.export.wording import CHINESE
from inventory.snapshot.value import Snapshot, once
from inventory.types import (
    Attribute,
    CheckOutcome,
    CheckResult,
    ConnectionMethod,
    Device,
    DeviceClass,
    DeviceStatus,
)

LISTED = 2000  # devices that a page shows one by one

_FIRMWARE, _ISOLATION, _WIRELESS = "firmware", "isolation", "wireless"
_RADIOS = (DeviceClass.ACCESS_POINT, DeviceClass.WLAN_CONTROLLER)
_NO_RESULTS: Mapping[str, CheckResult] = {}


class Support(NamedTuple):
    """The vendor's word on its support: `state` and `ends` as the firmware check has them; who says so."""

    state: str
    ends: str
    reason: str
    reason_zh: str
    evidence: tuple[str, ...]


class Checked(NamedTuple):
    """What one check came to; `measured` is its fact of that name."""

    outcome: CheckOutcome
    measured: str
    reason: str
    reason_zh: str


class Sketch(NamedTuple):
    """One device: how it is called, where it stands, which of Article 22's fields are empty.

    `support` is None where no word of the vendor is on file that day. `radio` is true for one that offers or
    uses a wireless network, as far as is known; `wireless` and `isolation` are what the checks said.
    """

    id: str
    present: bool
    device_class: DeviceClass
    segment: str
    label: str
    owner: str
    firmware: str
    addressed: bool
    empty: tuple[str, ...]
    radio: bool
    ssid: str
    support: Support | None
    isolation: Checked | None
    wireless: Checked | None


def told(said: Support | Checked, language: str) -> str:
    """The reason in Chinese where asked for and known, else in English."""
    return said.reason_zh if language == CHINESE and said.reason_zh else said.reason


@once
def sketches(snapshot: Snapshot) -> Mapping[str, Sketch]:
    """Every device by its id, in order, retired ones included."""
    devices = sorted(snapshot.devices, key=lambda device: device.id)
    return {one.id: one for one in sketched(devices, snapshot.results, snapshot.on)}


@once
def present_ids(snapshot: Snapshot) -> frozenset[str]:
    """The ids of the devices that are not retired."""
    return frozenset(one.id for one in sketches(snapshot).values() if one.present)


@once
def device_ids(snapshot: Snapshot) -> frozenset[str]:
    """The ids of all devices."""
    return frozenset(device.id for device in snapshot.devices)


@once
def listed(snapshot: Snapshot) -> tuple[Device, ...]:
    """The first devices by id, retired ones left out."""
    present = (device for device in snapshot.devices if device.status is not DeviceStatus.RETIRED)
    return tuple(sorted(present, key=lambda device: device.id)[:LISTED])


@once
def own_fields(snapshot: Snapshot) -> tuple[str, ...]:
    """The names of the firm's own fields that any device has, in order."""
    return tuple(sorted({name for device in snapshot.devices for name in device.custom}))


def sketched(devices: Iterable[Device], results: Iterable[CheckResult], on: date) -> Iterator[Sketch]:
    """A sketch of each device; `results` are those on them. One that has expired by `on` says no support."""
    said: dict[str, dict[str, CheckResult]] = {}
    for result in results:
        if result.check in _TOLD:
            said.setdefault(result.device, {})[result.check] = result
    alike: dict[object, Any] = {}  # what many devices share is one object, in what is sent too
    for device in devices:
        its = said.get(device.id, _NO_RESULTS)
        device_class = device.device_class
        ssid = device.text(Attribute.SSID)
        yield Sketch(
            id=device.id,
            present=device.status is not DeviceStatus.RETIRED,
            device_class=device_class,
            segment=device.segment,
            label=alike.setdefault(label := device.label, label),
            owner=device.text(Attribute.OWNER),
            firmware=device.text(Attribute.FIRMWARE),
            addressed=bool(device.addresses),
            empty=alike.setdefault(empty := empty_fields(device), empty),
            radio=bool(ssid)
            or device_class in _RADIOS
            or device.text(Attribute.CONNECTION_METHOD) == ConnectionMethod.WIRELESS,
            ssid=ssid,
            support=_support(its.get(_FIRMWARE), on),
            isolation=_checked(its.get(_ISOLATION)),
            wireless=_checked(its.get(_WIRELESS)),
        )


def _support(result: CheckResult | None, on: date) -> Support | None:
    if result is None or not result.facts.get("state"):
        return None
    if result.expires is not None and result.expires.date() < on:
        return None
    facts = result.facts
    return Support(facts["state"], facts.get("ends", ""), result.reason, result.reason_zh, result.evidence)


def _checked(result: CheckResult | None) -> Checked | None:
    if result is None:
        return None
    return _once(result.outcome, result.facts.get("measured", ""), result.reason, result.reason_zh)


@lru_cache(maxsize=4096)
def _once(outcome: CheckOutcome, measured: str, reason: str, reason_zh: str) -> Checked:
    """One object for what a check says alike of many devices."""
    return Checked(outcome, measured, reason, reason_zh)


_TOLD = (_FIRMWARE, _ISOLATION, _WIRELESS)
