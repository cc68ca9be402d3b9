"""The words that pick devices."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from inventory.exits import UsageFault
from inventory.query import EVERYTHING, Condition, Field, SortKey, parse
from inventory.register import Register
from inventory.store import paging
from inventory.types import Attribute, CheckOutcome, CheckResult, FixedClock
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
        for text, ends in (
            ("ip:10.0.1.6", "2026-06-30"),
            ("ip:10.0.0.5", "2025-12-31"),
            ("ip:10.0.0.5", "2027-03-31"),
        ):
            device = register.devices(parse(text))[0].id
            told = CheckResult(device, "firmware", CheckOutcome.FAIL, "ends", MONDAY, facts={"ends": ends})
            register.save_results([told])
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
        ("eol<2027", "6"),
        ("eol<116", "6"),
        ("eol<=2027", "56"),
        ("eol>2026-06", "5"),
        ("eol>=2026-06-30", "56"),
        ("eol:2027-03,2026-05", "5"),
        ("-eol<2027", "578"),
        ("eol:none", "78"),
        ("seen>2025", "5678"),
        ("seen>2026-01", ""),
        ("last-seen>=2026-01", "5678"),
        ("first_seen:2026-01-05 class:printer", "58"),
        ("seen<2026-01-05", ""),
        ("sort:vendor", "7685"),
        ("sort:-class", "8567"),
    ],
)
def test_a_query_finds(office, text, last_octets):
    query = parse(text if text != "loc" else "location:floor")
    assert "".join(device.addresses[0].ip[-1] for device in office.devices(query)) == last_octets


@pytest.mark.parametrize(
    ("text", "last_octets"),
    [
        ("class:printer", "58"),
        ("class:printer sort:-ip", "85"),
        ("eol<2027", "6"),
        ("first_seen:2026-01-05 sort:id", None),
        ("-seen<2026", "5678"),
        ("-class:camera sort:-vendor", None),
        ("", "5678"),
    ],
)
@pytest.mark.parametrize("soon", [5000, 0, -1], ids=["walked", "met late", "gathered"])
def test_whichever_way_is_short_finds_the_same(office, monkeypatch, text, last_octets, soon):
    every = [device.id for device in office.devices(parse(text))]
    monkeypatch.setattr(paging, "RARE", 0)
    monkeypatch.setattr(paging, "SOON", soon)
    pages = [office.page(parse(text), start, 1) for start in range(len(every) + 1)]
    assert [device.id for page in pages for device in page.rows] == every
    assert {page.total for page in pages} == {len(every)}
    if last_octets:
        assert "".join(page.rows[0].addresses[0].ip[-1] for page in pages[:-1]) == last_octets


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("colour:red", "no field 'colour' \\(in 'colour:red'\\); fields: id, class"),
        ("class:toaster", "class:toaster is not known; try one of: access-control"),
        ("status:lost", "status:lost is not known"),
        ("port:web", "'web' is not a port"),
        ("ip:office", "office is not an address or a network"),
        ("owner:", "'owner:' names no value"),
        ("eol<soon", "'soon' is no day"),
        ("eol:2026-13", "'2026-13' is no day"),
        ("seen>", "'seen>' names no value"),
        ("vendor<5", "only days can be compared: eol, first_seen, last_seen"),
        ("colour<5", "no field 'colour'"),
        ("sort:colour", "cannot sort by 'colour'; try one of: ip"),
        ('"open', "a quotation mark is not closed"),
    ],
)
def test_a_word_that_makes_no_sense_is_named(text, says):
    with pytest.raises(UsageFault, match=says):
        parse(text)


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("類別:印表機", "class:printer"),
        ("類別：印表機／事務機 管理人員:無", "class:printer owner:none"),
        ("-狀態:已除役 網段:iot", "-status:retired segment:iot"),
        ("最近發現>2026-01 排序:-last_seen", "last_seen>2026-01 sort:-last_seen"),
        ("存放位置:有 三樓", "location:any 三樓"),
    ],
)
def test_fields_and_words_may_be_said_as_the_chinese_screens_call_them(chinese, english):
    assert parse(chinese) == parse(english)


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


@pytest.mark.parametrize("field", Field)
def test_every_field_goes_with_others_now_and_in_the_past(office, field):
    def found(text):
        now, then = office.page(parse(text), 0, 10), office.page_at(parse(text), MONDAY, 0, 10)
        assert now.total == len(now.rows)
        assert then.total == len(then.rows)
        return {device.id for device in now.rows}

    for beside in ("ricoh", "-vendor:ricoh", "ip:10.0.1.0/24"):
        assert found(f"{field}:none {beside}") | found(f"-{field}:none {beside}") == found(beside)


def ordered(register, text, **page):
    return [device.text(Attribute.HOSTNAME) for device in register.page(parse(text), **page).rows]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def racks(request):
    """Six devices, a to f; c and e stand in R2, d in R10 with a cost centre; b was in R2 until Tuesday."""
    place = ":memory:" if request.param == "sqlite" else request.getfixturevalue("postgresql")()
    days = [MONDAY]
    with Register.open(place, SimpleNamespace(now=lambda: days[-1])) as register:
        register.ingest(
            [heard(f"10.0.0.{place}", None, hostname=name) for place, name in enumerate("abcdef", start=1)]
        )
        ids = {each.text(Attribute.HOSTNAME): each.id for each in register.devices()}
        register.edit([ids["b"], ids["c"], ids["e"]], {}, by="Lin", custom={"rack": "R2"})
        register.edit([ids["d"]], {}, by="Lin", custom={"rack": "R10", "成本 中心": "C-7"})
        days.append(MONDAY + timedelta(days=1))
        register.edit([ids["b"]], {}, by="Lin", custom={"rack": ""})
        yield register


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("custom.rack:r2", "ce"),
        ("custom.rack:R1,r2", "cde"),
        ("custom.rack:any", "cde"),
        ("custom.rack:none", "abf"),
        ("-custom.rack:r2", "abdf"),
        ('"custom.成本 中心:c-7"', "d"),
        ('custom."成本 中心":c-7 custom.rack:r10', "d"),
        ("custom.rakc:any", ""),
        ("custom.rack:any sort:-custom.rack", "ecd"),
        ("sort:custom.rack", "dceabf"),
        ("sort:-custom.rack", "ecdfba"),
        ("-custom.rack:r2 sort:custom.rack", "dabf"),
        ("hostname:a,d,e sort:custom.rack", "dea"),
        ("sort:custom.rakc", "abcdef"),
    ],
)
@pytest.mark.parametrize("rare", [0, 2000])
def test_fields_of_the_firms_own_are_asked_and_sorted_by(racks, monkeypatch, text, names, rare):
    monkeypatch.setattr(paging, "RARE", rare)
    assert ordered(racks, text, offset=0, limit=None) == list(names)
    assert racks.page(parse(text), 0, 1).total == len(names)
    for limit in (1, 2, 4):
        pages = (ordered(racks, text, offset=offset, limit=limit) for offset in range(0, 8, limit))
        assert [name for page in pages for name in page] == list(names)


def test_fields_of_the_firms_own_are_asked_of_the_past_too(racks):
    found = racks.page_at(parse("custom.rack:r2 sort:-custom.rack"), MONDAY + timedelta(hours=1), 0, 2)
    assert [device.text(Attribute.HOSTNAME) for device in found.rows] == ["e", "c"]
    assert found.total == 3
    assert racks.page_at(parse("custom.rack:any"), MONDAY - timedelta(days=1), 0, 2).total == 0


@pytest.mark.parametrize("text", ["custom.rack<5", "custom.rack:", "rack:r2", "sort:rack"])
def test_what_no_field_of_the_firms_own_can_be_asked_is_refused(text):
    with pytest.raises(UsageFault):
        parse(text)
