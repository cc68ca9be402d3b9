"""Vendor names: one spelling, their families, and names nobody has listed."""

import pytest

from inventory.vendors import canonical, is_listed, kin, of_enterprise


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("CISCO SYSTEMS, INC.", "Cisco"),
        ("Hewlett-Packard Company", "HP"),
        ("KONICA MINOLTA, INC.", "Konica Minolta"),
        ("TP-LINK TECHNOLOGIES CO.,LTD.", "TP-Link"),
        ("Acme Widgets Co., Ltd.", "Acme Widgets"),
        ("", ""),
        ("Inc.", "Inc"),
    ],
)
def test_one_spelling_for_each_vendor(name, spelling):
    assert canonical(name) == spelling
    assert canonical(spelling) == spelling


@pytest.mark.parametrize(
    ("one", "other"), [("HP", "Aruba"), ("Ricoh", "Savin"), ("Cisco", "Meraki"), ("acme", "ACME Inc")]
)
def test_relatives(one, other):
    assert kin(one, other)
    assert kin(other, one)


def test_strangers():
    assert not kin("HP", "Canon")
    assert not kin("Canon", "")
    assert not is_listed("Acme Widgets")


def test_enterprise_numbers():
    assert of_enterprise(9).name == "Cisco"
    assert of_enterprise(4_000_000_000) is None
