"""The register on screen: filter, sort, mark and edit, and what happens when the register cannot be read."""

import threading

from textual.widgets import Input

from inventory.exits import StoreFault
from inventory.query import EVERYTHING, parse
from inventory.settings import Settings
from inventory.types import Attribute, DeviceClass
from tests.tui import office
from tests.tui.conftest import DEVICES
from tui.device_actions import FEW


def edited(walk):
    """The one device the form on screen is about."""
    (device,) = walk.app.screen._title.args[0]
    return device


async def test_the_filter_finds_what_the_query_language_says(begin) -> None:
    async with begin("full") as walk:
        await walk.press("2", "slash")
        seen = await walk.type("owner:none class:camera")
        total = walk.register.page(parse("owner:none class:camera"), 0, 1).total
        assert 0 < total < DEVICES["full"]
        assert f"{total:,} devices" in seen
        assert "printer" not in seen


async def test_a_filter_that_makes_no_sense_is_explained_and_the_rows_stay(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "slash")
        seen = await walk.type("ownr:none")
        assert "ownr" in walk.lines[2]
        assert walk.lines[2].startswith(" ✘")
        assert "RICOH" not in walk.lines[2]
        await walk.press(*["backspace"] * 9)
        assert "24 devices" in walk.lines[2]
        assert "RICOH" in walk.seen, seen


async def test_enter_leaves_the_filter_and_esc_clears_it(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "slash")
        await walk.type("class:nas")
        await walk.press("enter")
        assert walk.app.focused.id == "devices"
        seen = await walk.press("escape")
        assert "24 devices" in seen


async def test_all_rows_of_a_full_register_can_be_reached(begin) -> None:
    async with begin("full") as walk:
        await walk.press("2", "G")
        table = walk.app.screen.query_one("#devices")
        last = walk.register.page(EVERYTHING, DEVICES["full"] - 1, 1).rows[0]
        assert table.current.id == last.id
        assert last.addresses[0].ip in walk.seen


async def test_sorting_goes_by_column_and_back(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "s")
        assert "Owner▲" in walk.lines[3]
        ascending = walk.register.page(parse("sort:owner"), 0, 1).rows[0]
        assert walk.app.screen.query_one("#devices").current.id == ascending.id
        await walk.press("S")
        assert "Owner▼" in walk.lines[3]
        descending = walk.register.page(parse("sort:-owner"), 0, 1).rows[0]
        assert walk.app.screen.query_one("#devices").current.id == descending.id


async def test_sort_typed_into_the_filter_shows_in_the_heading(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "slash")
        await walk.type("sort:-location")
        assert "Location▼" in walk.lines[3]


async def test_a_field_of_the_firms_own_is_filtered_and_sorted_by(begin) -> None:
    async with begin("small", (120, 36)) as walk:
        walk.app.settings = Settings(custom_fields=("rack",))
        first, second = walk.register.page(EVERYTHING, 0, 2).rows
        for device, rack in ((first, "R9"), (second, "R7")):
            walk.register.edit([device.id], {}, "lin", custom={"rack": rack})
        walk.app.drawer.keep_columns(("device", "ip", "custom.rack"))
        await walk.press("2", "s")
        assert "rack▲" in walk.lines[3]
        assert [line.split()[-1] for line in walk.lines[4:6]] == ["R7", "R9"]
        await walk.press("slash")
        assert "1 device" in await walk.type("custom.rack:r9")
        assert "custom." in await walk.press("escape", "question_mark", "end")


async def test_open_findings_are_counted_per_device(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2")
        device = walk.app.screen.query_one("#devices").current
        findings = walk.register.findings(device=device.id)
        still_open = [finding for finding in findings if finding.state in ("open", "continuing")]
        assert still_open
        assert f"✘ {len(still_open)}" in walk.lines[4]


async def test_one_device_is_edited_and_the_register_knows_who_did_it(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "down", "down", "e")
        device = edited(walk)
        await walk.type("Wu")
        await walk.press("enter")
        await walk.type("5F")
        await walk.press("enter")
        await walk.type("core network")
        seen = await walk.press("enter", "enter", "enter")
        held = walk.register.device(device.id).attributes
        assert held[Attribute.OWNER].value == "Wu"
        assert held[Attribute.OWNER].source == "person:lin"
        assert held[Attribute.OWNER].locked
        assert (held[Attribute.LOCATION].value, held[Attribute.PURPOSE].value) == ("5F", "core network")
        assert "3 changes saved" in seen
        assert "Wu" in seen


async def test_many_are_edited_together_and_only_what_was_typed_changes(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "space", "space", "space")
        assert "3 marked" in walk.lines[2]
        before = {device.id: device for device in walk.register.page(EVERYTHING, 0, 3).rows}
        seen = await walk.press("e")
        assert "3 devices" in seen
        assert "They differ" in seen
        await walk.type("Wu")
        await walk.press("ctrl+s")
        for device_id, was in before.items():
            now = walk.register.device(device_id)
            assert now.text(Attribute.OWNER) == "Wu"
            assert now.text(Attribute.LOCATION) == was.text(Attribute.LOCATION)
        assert "marked" not in walk.lines[2]


async def test_a_sensor_no_probe_can_see_is_entered_by_hand(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "n")
        await walk.type("environ")
        await walk.press("right", "enter", "down", "down", "down")
        await walk.type("Wu")
        await walk.press("enter")
        await walk.type("server room")
        seen = await walk.press("ctrl+s")
        (device,) = walk.register.devices(parse("owner:wu"))
        assert "is in the register" in seen
        assert device.device_class is DeviceClass.ENVIRONMENTAL_SENSOR
        assert (device.site, device.segment, device.addresses) == ("hq", "office", ())
        assert device.text(Attribute.LOCATION) == "server room"
        assert "25 devices" in walk.lines[2]


async def test_what_the_register_does_not_know_as_a_class_is_refused_in_the_form(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "n")
        await walk.type("toaster")
        seen = await walk.press("ctrl+s")
        assert "✘" in seen
        assert "toaster" in seen
        assert "A device no probe can see" in seen
        assert len(walk.register.devices()) == 24


async def test_an_address_that_is_taken_is_refused_in_the_form(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "n")
        await walk.type("printer")
        await walk.press(*["down"] * 9)
        await walk.type("10.0.0.1")
        seen = await walk.press("ctrl+s")
        assert "A device no probe can see" in seen
        assert "10.0.0.1" in next(line for line in walk.lines if "✘" in line)
        assert len(walk.register.devices()) == 24


async def test_marked_devices_are_confirmed_and_the_log_says_by_whom(begin) -> None:
    async with begin("small") as walk:
        seen = await walk.press("2", "space", "space", "c")
        assert "2 devices confirmed" in seen
        confirmed = walk.register.devices(parse("status:confirmed"))
        assert len(confirmed) == 2
        assert {entry.by for entry in walk.register.audit(confirmed[0].id)} == {"chen", "lin"}


async def test_more_than_a_few_are_edited_at_once(begin) -> None:
    async with begin("full") as walk:
        await walk.press("2", "slash")
        await walk.type("class:camera owner:none")
        await walk.press("enter", "asterisk", "e")
        total = walk.register.page(parse("class:camera owner:none"), 0, 1).total
        assert f"{total} devices" in walk.seen
        await walk.type("Wu")
        await walk.press("ctrl+s")
        await walk.app.workers.wait_for_complete()
        await walk.settle()
        assert f"{total} changes saved" in walk.seen
        assert walk.register.page(parse("class:camera owner:wu"), 0, 1).total == total > FEW


async def test_all_that_was_found_is_marked_and_unmarked(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "slash")
        await walk.type("class:camera")
        await walk.press("enter")
        assert "3 marked" in await walk.press("asterisk")
        assert "marked" not in await walk.press("asterisk")


async def test_clearing_a_field_takes_the_persons_word_back(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "e")
        device = edited(walk)
        assert device.text(Attribute.OWNER)
        await walk.press("backspace", "ctrl+s")
        assert Attribute.OWNER not in walk.register.device(device.id).attributes


async def test_leaving_a_form_asks_before_it_throws_anything_away(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "e")
        await walk.type("Wu")
        assert "Not saved" in await walk.press("escape")
        await walk.press("escape")
        assert "[2 Register]" in walk.lines[0]
        assert all(device.text(Attribute.OWNER) != "Wu" for device in walk.register.devices())


async def test_a_form_that_cannot_be_saved_stays_open_with_all_that_was_typed(begin, monkeypatch) -> None:
    def full(*arguments: object, **named: object) -> None:
        raise StoreFault("register.sqlite: the disk is full")

    async with begin("small") as walk:
        await walk.press("2", "e")
        await walk.type("Wu")
        monkeypatch.setattr(walk.register, "edit", full)
        seen = await walk.press("ctrl+s")
        assert "the disk is full" in seen
        assert "Wu" in seen
        monkeypatch.undo()
        assert "1 change saved" in await walk.press("ctrl+s")


async def test_what_cannot_be_read_is_said_and_the_rows_stay(begin, monkeypatch) -> None:
    def gone(*arguments: object) -> None:
        raise StoreFault("register.sqlite: input/output error")

    async with begin("small") as walk:
        await walk.press("2")
        monkeypatch.setattr(walk.register, "page", gone)
        seen = await walk.press("r")
        assert "✘ register.sqlite: input/output error" in seen
        assert "RICOH" in seen
        monkeypatch.undo()
        assert "input/output error" not in await walk.press("r")


async def test_keys_are_heard_while_the_register_is_slow(begin, monkeypatch) -> None:
    answer = threading.Event()
    async with begin("small") as walk:
        await walk.press("2")
        page = walk.register.page
        monkeypatch.setattr(walk.register, "page", lambda *asked: answer.wait() and page(*asked))
        try:
            await walk.pilot.press("r", "down", "down", "space")
            await walk.pilot.pause()
            assert walk.app.screen.query_one("#devices").cursor == 3
            assert "1 marked" in walk.lines[2]
        finally:
            answer.set()
        await walk.settle()


async def test_a_hostile_name_is_only_text(begin) -> None:
    hostile = "[red]x\x1b[31m\u202e'; DROP TABLE device; --"
    async with begin("small") as walk:
        walk.register.ingest([office.sighting("run-3", office.NOW, 900, model=hostile)])
        await walk.press("2", "slash")
        await walk.type("10.0.3.132")
        seen = await walk.press("enter")
        shown = "".join(letter if letter.isprintable() else "·" for letter in hostile)
        assert shown[:6] in seen
        assert shown in await walk.press("enter")


async def test_what_the_filter_finds_is_written_to_a_new_file(begin, tmp_path) -> None:
    async with begin("small", (120, 36)) as walk:
        await walk.press("2", "slash")
        await walk.type("class:camera")
        await walk.press("enter", "x")
        for letter in "cams.txt":
            await walk.pilot.press("full_stop" if letter == "." else letter)
        assert "ends in .html, .xlsx, .csv, .json" in await walk.press("enter")
        file = tmp_path / "cameras.csv"
        walk.app.screen.query_one("#file", Input).value = str(file)
        seen = await walk.press("ctrl+s")
        assert "devices written to" in seen
        rows = file.read_text(encoding="utf-8-sig").splitlines()
        assert len(rows) - 1 == len(walk.register.devices(parse("class:camera")))
        await walk.press("x")
        walk.app.screen.query_one("#file", Input).value = str(file)
        assert "is there already" in await walk.press("ctrl+s")


async def test_marked_devices_are_retired_together_and_brought_back(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "space", "space", "t")
        await walk.type("gone")
        assert "retired" in walk.seen  # what may be said is told
        await walk.press(*["backspace"] * 4)
        await walk.type("retired")
        assert "2 changes saved" in await walk.press("ctrl+s")
        assert len(walk.register.devices(parse("status:retired"))) == 2
        await walk.press("u")
        assert not walk.register.devices(parse("status:retired"))
