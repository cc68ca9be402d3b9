"""Who made what bears another name: by an enterprise number, a MAC block, or a relative's own notices."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.checks.origins import makers
from agent.checks.subject import Subject
from inventory.types import (
    Attribute,
    Device,
    DeviceStatus,
    Fact,
    Held,
    Identifier,
    IdentifierKind,
    Observation,
    Target,
)

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
TARGET = Target("192.168.10.5", None, "hq", "office")


def sold_as(brand: str, *, mac: str = "", enterprise: int = 0) -> Subject:
    held = {Attribute.VENDOR: Held(brand, "test", NOW), Attribute.MODEL: Held("X1", "test", NOW)}
    device = Device("d-1", DeviceStatus.CONFIRMED, "hq", "office", NOW, NOW, held)
    heard: tuple[Observation, ...] = ()
    if mac:
        device = replace(device, identifiers=(Identifier(IdentifierKind.MAC, mac),))
    if enterprise:
        number = Fact("1.3.6.1.2.1.1.2.0", f"1.3.6.1.4.1.{enterprise}.1.1")
        heard = (Observation("r", "here", TARGET, "snmp", NOW, (number,), None, "sha256:number"),)
    return Subject(device, heard, NOW)


@pytest.mark.parametrize(
    ("brand", "mac", "maker"),
    [
        ("LTS", "44:19:b6:00:00:01", "Hikvision"),
        ("Annke", "c0:56:e3:00:00:01", "Hikvision"),
        ("Honeywell", "3c:ef:8c:00:00:01", "Dahua"),
        ("Amcrest", "e0:50:8b:00:00:01", "Dahua"),
        ("Northern", "48:ea:63:00:00:01", "Uniview"),
        ("Bosch", "00:02:d1:00:00:01", "Vivotek"),
        ("Ricoh", "00:80:77:00:00:01", "Brother"),
        ("Schneider Electric", "00:c0:b7:00:00:01", "APC"),
        ("Tripp Lite", "00:20:85:00:00:01", "Eaton"),
        ("Fanvil", "00:15:65:00:00:01", "Yealink"),
        ("Nortel", "00:04:96:00:00:01", "Extreme"),
    ],
)
def test_a_mac_block_names_the_maker_behind_a_brand(brand: str, mac: str, maker: str) -> None:
    first = next(makers(sold_as(brand, mac=mac), brand))
    assert (first.name, first.evidence, first.by_name) == (maker, f"MAC {mac[:8]}", False)


@pytest.mark.parametrize(
    ("brand", "enterprise", "maker"),
    [
        ("Savin", 367, "Ricoh"),
        ("Lanier", 367, "Ricoh"),
        ("Develop", 18334, "Konica Minolta"),
        ("Olivetti", 18334, "Konica Minolta"),
        ("Copystar", 1347, "Kyocera"),
        ("Olivetti", 1347, "Kyocera"),
        ("Source Technologies", 641, "Lexmark"),
        ("Avaya", 45, "Extreme"),
        ("Trapeze", 2636, "Juniper"),
        ("Liebert", 476, "Vertiv"),
    ],
)
def test_an_enterprise_number_names_the_maker_behind_a_brand(brand: str, enterprise: int, maker: str) -> None:
    first = next(makers(sold_as(brand, enterprise=enterprise), brand))
    assert (first.name, first.evidence, first.by_name) == (maker, "sha256:number", False)


def test_the_number_weighs_more_than_the_address_and_both_more_than_kinship() -> None:
    sold = sold_as("Lorex", mac="44:19:b6:00:00:01", enterprise=641)
    assert [maker.name for maker in makers(sold, "Lorex")] == ["Lexmark", "Hikvision", "Dahua"]


@pytest.mark.parametrize("mac", ["", "02:19:b6:00:00:01", "24:0a:c4:00:00:01"])
def test_no_evidence_names_nobody(mac: str) -> None:
    """A locally administered address and the block of a maker of modules are no evidence."""
    assert list(makers(sold_as("Acme", mac=mac), "Acme")) == []
