"""Lists that are pasted or named, and asset tags that a scanner types."""

import pytest
from textual import events

from inventory.query import EVERYTHING
from inventory.types import Attribute
from tests.tui import office


def paste(walk, text: str) -> None:
    """What a terminal with bracketed paste sends."""
    walk.app.post_message(events.Paste(text))


async def test_pasted_rows_are_shown_then_taken_in_and_taken_back(begin) -> None:
    async with begin("small", (120, 36)) as walk:
        await walk.press("2")
        paste(walk, "IP\t管理人員\t財產編號\n10.0.0.3\t林美\tA-3\n10.0.0.4\t\tA-4\n10.0.9.9\tWu\t\n")
        await walk.settle()
        assert "new 1 · changed 2" in walk.seen
        assert "管理人員 → Owner" in walk.seen
        assert len(walk.register.devices()) == 24
        assert "3 devices taken in" in await walk.press("enter")
        said = {device.addresses[0].ip: device for device in walk.register.devices()}
        assert said["10.0.0.3"].text(Attribute.OWNER) == "林美"
        assert said["10.0.9.9"].site == "hq"
        await walk.press("u")
        assert len(walk.register.devices()) == 24


async def test_a_list_with_a_bad_line_is_taken_in_part_or_not_at_all(begin, tmp_path) -> None:
    file = tmp_path / "清冊.csv"
    file.write_text("ip,owner\n10.0.0.3,Wu\n10.0.0.999,Wu\n", encoding="utf-8")
    async with begin("small") as walk:
        await walk.press("2", "i")
        await walk.type("list.doc")
        assert "is no CSV" in walk.seen
        await walk.press("escape", "escape")
        paste(walk, f"'{file}'")
        await walk.settle()
        assert "refused 1 · changed 1" in walk.seen
        assert "清冊.csv" in await walk.press("enter")
        assert "1 device taken in" in await walk.press("p")
        assert {device.text(Attribute.OWNER) for device in walk.register.devices()} >= {"Wu"}
        paste(walk, "hello\nthere, you\n")
        await walk.settle()
        assert "no column is known" in walk.seen


@pytest.mark.parametrize("start", [(), ("down", "space", "down", "space", "g")])
async def test_tags_are_scanned_device_after_device(begin, start: tuple[str, ...]) -> None:
    async with begin("small") as walk:
        await walk.press("2", *start)
        devices = walk.register.page(EVERYTHING, 0, 4).rows
        first, second = (devices[1], devices[3]) if start else devices[:2]
        await walk.press("b")
        await walk.pilot.press(*"cde1", "enter", *"cde1", "enter")
        await walk.settle()
        refused = f"{second.label}, cde1: {first.label} {first.id}"
        assert refused in walk.seen
        await walk.press("up" if not start else "down")
        await walk.pilot.press(*"cde2", "enter")
        await walk.settle()
        assert refused not in walk.seen
        assert "2 changes saved" in await walk.press("escape")
        tags = [walk.register.device(each.id).text(Attribute.ASSET_TAG) for each in (first, second)]
        assert tags == ["cde1", "cde2"]
        assert walk.register.device(first.id).attributes[Attribute.ASSET_TAG].at == office.NOW
