"""The words that pick devices."""

import pytest

from inventory.exits import UsageFault
from inventory.query import EVERYTHING, Condition, Field, SortKey, parse
from inventory.register import Register
from inventory.types import Attribute, FixedClock
from tests.inventory.heard import MAC_1, MONDAY, heard


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(request):
    place = ":memory:" if request.param == "sqlite" else request.getfixturevalue("postgresql")()
    with Register.open(place, FixedClock(MONDAY)) as register:
        register.ingest(
            [
                heard("10.0.0.5", MAC_1, vendor="RICOH", model="IM C3000", device_class="printer"),
                heard("10.0.1.6", vendor="Axis", device_class="camera", segment="iot", ports=("tcp/554",)),
                heard("10.0.1.7", segment="iot", ports=("tcp/23", "udp/161"), firmware="17.10"),
                heard("10.0.2.8", vendor="HP", model="100%_real", device_class="printer", site="taichung"),
            ]
        )
        camera = register.devices(parse("class:camera"))[0].id
        register.edit([camera], {Attribute.OWNER: "王小明", Attribute.LOCATION: "3rd floor east"}, "chen")
        register.edit([camera], {Attribute.ASSET_TAG: "A-17"}, "chen")
        yield register


@pytest.mark.parametrize(
    ("text", "last_octets"),
    [
        ("", "5678"),
        ("class:printer", "58"),
        ("class:printer,camera", "568"),
        ("-class:printer", "67"),
        ("class:unknown", "7"),
        ("class:none", "7"),
        ("vendor:ricoh", "5"),
        ("vendor:none", "7"),
        ("vendor:any sort:-ip", "865"),
        ("owner:none", "578"),
        ("owner:王小明", "6"),
        ('location:"floor east"', "6"),
        ("loc", "6"),
        ('"3rd floor"', "6"),
        ("seg:iot", "67"),
        ("site:taichung", "8"),
        ("ip:10.0.1.0/24", "67"),
        ("ip:10.0.0.5-10.0.1.6", "56"),
        ("mac:00:26:73", "5"),
        ("mac:none", "678"),
        ("port:23", "7"),
        ("port:udp/161,554", "67"),
        ("-port:80", "67"),
        ("asset_tag:a-17", "6"),
        ("asset-tag:none", "578"),
        ("status:discovered", "5678"),
        ("status:unseen", ""),
        ("firmware:17.10", "7"),
        ("model:100%_r", "8"),
        ("model:100__r", ""),
        ("ricoh c3000", "5"),
        ("RICOH axis", ""),
        ("00:26:73:00:00:01", "5"),
        ("sort:vendor", "7685"),
        ("sort:-class", "8567"),
    ],
)
def test_a_query_finds(office, text, last_octets):
    query = parse(text if text != "loc" else "location:floor")
    assert "".join(device.addresses[0].ip[-1] for device in office.devices(query)) == last_octets


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("colour:red", "no field 'colour' \\(in 'colour:red'\\); fields: id, class"),
        ("class:toaster", "class:toaster is not known; try one of: access-control"),
        ("status:lost", "status:lost is not known"),
        ("port:web", "'web' is not a port"),
        ("ip:office", "office is not an address or a network"),
        ("owner:", "'owner:' names no value"),
        ("sort:colour", "cannot sort by 'colour'; try one of: ip"),
        ('"open', "a quotation mark is not closed"),
    ],
)
def test_a_word_that_makes_no_sense_is_named(text, says):
    with pytest.raises(UsageFault, match=says):
        parse(text)


def test_what_a_query_is():
    query = parse('-owner:any HQ "a b" sort:-last_seen')
    assert query.conditions == (Condition(Field.OWNER, ("any",), negated=True),)
    assert query.text == ("hq", "a b")
    assert (query.sort, query.descending) == (SortKey.LAST_SEEN, True)
    assert parse("") == EVERYTHING


@pytest.mark.parametrize("key", SortKey)
def test_every_sort_key_sorts_both_ways(office, key):
    up = office.devices(EVERYTHING.sorted_by(key.value))
    down = office.devices(EVERYTHING.sorted_by(f"-{key.value}"))
    assert {device.id for device in up} == {device.id for device in down}
    assert len(up) == 4


@pytest.mark.parametrize("field", Field)
def test_every_field_knows_none_and_any(office, field):
    empty = {device.id for device in office.devices(parse(f"{field.value}:none"))}
    filled = {device.id for device in office.devices(parse(f"{field.value}:any"))}
    assert not empty & filled
    assert len(empty | filled) == 4
