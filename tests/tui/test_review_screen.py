"""What no machine may decide: a person sees two records side by side and says whether they are one."""

import pytest

from inventory.exits import StoreFault
from tests.tui import office


@pytest.fixture
def cloned():
    """Two switches that say the same serial number and disagree in all else."""
    return [
        office.sighting("run-3", office.NOW, 901, serial="SN10023456", hostname="ap-north"),
        office.sighting("run-3", office.NOW, 909, serial="SN10023456", hostname="ap-south"),
    ]


async def test_both_records_stand_side_by_side_with_what_agrees_and_differs(begin, cloned) -> None:
    async with begin("small") as walk:
        for sighting in cloned:
            walk.register.ingest([sighting])
        assert "1 to review (6)" in await walk.press("r")
        seen = await walk.press("6")
        hostnames = next(line for line in walk.lines if line.startswith(" Host name"))
        assert hostnames.split() == ["Host", "name", "ap-south", "≠", "ap-north"]
        assert "agrees: serial number sn10023456" in seen.lower()
        assert "differs: host name, mac address" in seen.lower()


async def test_the_same_device_becomes_one_record(begin, cloned) -> None:
    async with begin("small") as walk:
        for sighting in cloned:
            walk.register.ingest([sighting])
        (pair,) = walk.register.review()
        seen = await walk.press("6", "m")
        assert "One record now" in seen
        assert "Nothing waits for a person." in seen
        (kept,) = {each.id for each in walk.register.devices()} & {pair.device, pair.other}
        assert len(walk.register.devices()) == 25
        walk.app.device_id = kept
        await walk.press("s", "pagedown")
        assert "Two records again" in await walk.press("enter")
        assert {pair.device, pair.other} <= {each.id for each in walk.register.devices()}
        assert walk.register.review() == ()


async def test_different_devices_stay_two_for_good(begin, cloned) -> None:
    async with begin("small") as walk:
        for sighting in cloned:
            walk.register.ingest([sighting])
        await walk.press("6", "d")
        assert "They stay two devices." in walk.seen
        assert walk.register.review() == ()
        assert len(walk.register.devices()) == 26


async def test_a_decision_that_cannot_be_kept_is_not_shown_as_made(begin, cloned, monkeypatch) -> None:
    def full(*arguments: object) -> None:
        raise StoreFault("register.sqlite: the disk is full")

    async with begin("small") as walk:
        for sighting in cloned:
            walk.register.ingest([sighting])
        monkeypatch.setattr(walk.register, "keep_apart", full)
        seen = await walk.press("6", "d")
        assert "✘ register.sqlite: the disk is full" in seen
        assert "They stay two devices." not in seen
        assert "ap-north" in seen


async def test_no_decision_is_offered_where_nothing_waits(begin) -> None:
    async with begin("small") as walk:
        seen = await walk.press("6")
        assert "Nothing waits for a person." in seen
        assert "Same device" not in walk.lines[-1]
