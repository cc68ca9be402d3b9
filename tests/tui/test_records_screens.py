"""The screens of records, isolation, wireless, snapshots, log and settings, as people use them."""

from dataclasses import replace
from datetime import date

import pytest

from inventory import language
from inventory.exits import StoreFault
from inventory.settings import Settings, WirelessSettings, load
from inventory.types import Crossing, CrossingState, Duty, Tick, Ticked, VerdictOutcome, WirelessNetwork
from tests.tui import office
from tests.tui.conftest import KEYS
from tui import words
from tui.screens import SCREENS


async def breaching(walk) -> str:
    """A device with a breach; the register's cursor stands on it."""
    found = next(each for each in walk.register.verdicts() if each.outcome is VerdictOutcome.BREACH)
    walk.app.device_id = found.device
    return found.device


async def test_a_recorder_goes_under_exception_with_a_plan_of_its_own(begin) -> None:
    async with begin("small") as walk:
        device = await breaching(walk)
        seen = await walk.press("7")
        assert "Devices to go: 2026Q3: 2" in seen
        assert "1 plan late !" in seen
        await walk.press("n", "enter")
        await walk.type("No more updates")
        await walk.press("enter")
        await walk.type("NVR-9000")
        await walk.press("enter")
        await walk.type("2027-13-01")
        assert "is no date" in walk.seen
        await walk.press(*["backspace"] * 10)
        await walk.type("116/06/30")
        assert "plan-2026-003 is in the register" in await walk.press("ctrl+s")
        plan = next(each for each in walk.register.plans() if each.id == "plan-2026-003")
        assert (plan.devices, plan.due, plan.state) == ((device,), date(2027, 6, 30), "draft")
        await walk.press("8", "n")
        breached = {
            f"{each.pack}/{each.article}"
            for each in walk.register.verdicts(device=device)
            if each.outcome is VerdictOutcome.BREACH
        }
        await walk.press("enter", "enter", "pagedown", "enter", "pagedown", "pagedown", "enter")
        await walk.type("Cannot be patched")
        await walk.press("enter")
        await walk.type("own segment")
        await walk.press("enter", "pagedown", "enter")
        await walk.type("2027-06-30")
        await walk.press("enter", "pagedown")
        assert "exception-2026-002 is in the register" in await walk.press("ctrl+s")
        record = next(each for each in walk.register.exceptions() if each.id == "exception-2026-002")
        assert (record.device, record.plan, record.expiry) == (device, "plan-2026-003", date(2027, 6, 30))
        assert set(record.articles) == breached
        assert (record.cause, record.connection) == ("weakness", "when-necessary")
        assert record.approver in office.OWNERS


async def test_an_answer_is_signed_again_from_the_calendar(begin) -> None:
    async with begin("small") as walk:
        seen = await walk.press("9")
        assert "1 overdue · 1 due within 30 days" in seen
        assert "28" in walk.lines[3]
        assert "users of the devices are trained" in await walk.press("n")
        await walk.type("maybe")
        assert "is none of: yes, no" in walk.seen
        await walk.press(*["backspace"] * 5, "y")
        assert "asks for an answer to each of" in " ".join((await walk.press("ctrl+s")).split())
        await walk.press("down")
        await walk.type("not applicable")
        assert "say why" in walk.seen
        await walk.type(": none of them")
        assert "is in the register" in await walk.press("ctrl+s")
        signed = walk.register.attestations()[-1]
        assert (signed.article, signed.answer, signed.signer) == ("28", True, "lin")
        assert signed.ticks[1] == Ticked("managers-trained", Tick.NOT_APPLICABLE, "none of them")
        assert signed.next_due == date(2027, 11, 20)
        assert "0 overdue" in walk.seen


async def test_another_question_is_answered_for_a_device(begin) -> None:
    async with begin("small") as walk:
        walk.register.confirm([each.id for each in walk.register.devices()[:2]], Duty.YEARLY, "lin", "lin")
        await walk.press("2", "9", "G")
        assert "2 devices" in walk.seen
        assert "on the Register screen" in await walk.press("n")
        await walk.press("a")
        await walk.type("mark")
        assert "asks people nothing" in walk.seen
        await walk.press("pagedown", "enter", "pagedown")
        assert "security mark" in await walk.press("enter")
        await walk.type("no")
        assert "is in the register" in await walk.press("ctrl+s")
        (signed,) = (one for one in walk.register.attestations() if one.article == "security_mark")
        assert (signed.device, signed.answer) == (walk.app.device_id, False)


async def test_the_matrix_tells_expected_from_measured_and_opens_the_cell(begin) -> None:
    async with begin("small", (120, 36)) as walk:
        seen = await walk.press("0")
        assert "reach the internal network" in seen
        assert "were not measured" in seen
        for _segment in range(3):
            if "[office]" not in walk.seen:
                await walk.press("right")
        await walk.press("down")
        assert "camera · office" in walk.seen
        seen = await walk.press("enter")
        assert 'class:camera segment:"office"' in walk.lines[1]
        assert "1 device" in seen


async def test_the_ways_between_segments_stand_in_a_matrix_of_their_own(begin) -> None:
    way = Crossing(
        "hq", "iot", "server", "tcp/443", 4, CrossingState.OPEN, office.NOW, "probe-1", "", "answered"
    )
    shut = replace(way, target="office", state=CrossingState.BLOCKED, service="icmp")
    async with begin("small", (120, 36)) as walk:
        assert "isolation probe" in await walk.press("0", "m")
        walk.register.keep_crossings([way, shut])
        seen = await walk.press("r")
        assert "✘ 1 open, and must not be · ✔ 1 as meant" in seen
        row = next(line.split() for line in walk.lines if "hq/iot" in line)
        assert row[:3] == ["▸hq/iot", "✘1", "✔1"]  # the worst stands first
        assert "hq/iot → server" in seen
        assert "✘ tcp/443: open, and must not be" in seen
        assert "must not pass → open · 2026-11-20 14:00 · answered" in seen
        assert "camera" in await walk.press("m")


async def test_ways_that_differ_only_by_the_device_are_told_once_and_the_words_are_turned_by_key(
    begin,
) -> None:
    asked = [
        Crossing(
            "hq",
            "iot",
            "server",
            f"udp/{port}",
            family,
            CrossingState.OPEN,
            office.NOW,
            "probe-1",
            ip,
            "answered",
        )
        for port, family, ips in (
            (161, 4, ("10.0.0.2", "10.0.0.3")),
            (5353, 6, ("fd00::2",)),
            *((port, 4, ("10.0.0.2",)) for port in range(6001, 6009)),
        )
        for ip in ips
    ]
    async with begin("small") as walk:
        walk.register.keep_crossings(asked)
        seen = await walk.press("0", "m")
        assert "✘11" in seen
        assert seen.count("udp/161") == 1
        assert "2 devices: 10.0.0.2, 10.0.0.3" in seen
        assert "udp/6008" not in seen
        for _page in range(8):
            await walk.press("J")
        assert "udp/5353 IPv6: open, and must not be" in walk.seen
        assert "udp/161" not in walk.seen
        assert "udp/161" in await walk.press(*"KKKKKKKK")


async def test_a_weak_wireless_network_stands_first_with_what_is_weak(begin) -> None:
    async with begin("small") as walk:
        seen = await walk.press("W")
        assert "office-guest" in seen
        assert "WEP is broken" in seen
        point = walk.app.screen.row.result.device
        assert "No network was heard" in await walk.press("m")
        heard = WirelessNetwork(
            "hq",
            "guest",
            "02:00:00:00:00:01",
            "office-guest",
            "WEP",
            ("wep",),
            "walk.pcap",
            *[office.NOW] * 2,
        )
        walk.register.keep_networks(
            [replace(heard, device=point), replace(heard, ssid="firm", security="WPA3-ENTERPRISE", weak=())]
        )
        assert "2 networks · 1 weak" in await walk.press("r")
        lines = [line.split()[:4] for line in walk.lines if "02:00:00:00:00:01" in line]
        assert [line[2] for line in lines[:2]] == ["WEP", "WPA3-ENTERPRISE"]
        assert "[3 Device]" in await walk.press("enter")
        assert walk.app.device_id == point


async def test_a_wireless_network_that_is_not_as_declared_is_told(begin, tmp_path) -> None:
    async with begin("small") as walk:
        declared = tmp_path / "wireless.yaml"
        declared.write_text("names: [firm]\nnetworks:\n- {ssid: trade, purpose: orders, users: staff}\n")
        walk.app.settings = Settings(wireless=WirelessSettings(expected=str(declared)))
        heard = WirelessNetwork(
            "hq", "guest", "02:00:00:00:00:01", "firm-2", "OPEN", ("open",), "walk.pcap", *[office.NOW] * 2
        )
        walk.register.keep_networks([heard])
        seen = await walk.press("W", "m", "m")
        assert "3 notices" in seen
        assert "bears the firm's name, not declared firm-2" in " ".join(seen.split())
        assert "declared, heard by nobody" in seen
        await walk.press("L")
        assert "使用公司名稱但未申報" in walk.seen
        await walk.press("L", "m")
        assert "WEP is broken" in walk.seen


async def test_two_snapshots_are_frozen_verified_and_compared(begin, tmp_path) -> None:
    async with begin("small") as walk:
        await walk.press("N", "n")
        await walk.type("2025")
        assert "2025 is frozen and signed" in await walk.press("enter")
        device = walk.register.devices()[0]
        walk.register.edit([device.id], {"location": "9F"}, "lin")
        await walk.press("n")
        await walk.type("2026")
        await walk.press("enter", "end")
        assert "2026 is as it was signed" in await walk.press("v")
        seen = await walk.press("d")
        assert "2025 → 2026: 1 difference" in seen
        assert "9F" in seen
        summary = tmp_path / "snapshots" / "2026" / "summary.json"
        summary.write_bytes(summary.read_bytes().replace(b"2026", b"2027", 1))
        assert "NOT as it was signed" in await walk.press("r", "end", "v")


async def test_the_log_says_who_did_what_and_that_nobody_altered_it(begin) -> None:
    async with begin("small") as walk:
        seen = await walk.press("A")
        assert "entries, unaltered" in seen
        assert "chen" in walk.lines[3]


async def test_a_network_goes_into_scope_and_out_again(begin) -> None:
    async with begin("small") as walk:
        await walk.press("P", "n")
        await walk.type("10.9.0.0/33")
        assert "✘" in walk.seen
        await walk.press(*["backspace"] * 2)
        await walk.type("24")
        for text in ("taipei", "iot", "", "10.9.0.7 camera", "asked by the auditor"):
            await walk.press("enter")
            await walk.type(text)
        assert "10.9.0.0/24 is in scope" in await walk.press("enter")
        (added,) = (each for each in walk.register.scopes() if each.site == "taipei")
        assert (added.segment, added.do_not_probe, added.added_by) == (
            "iot",
            ("10.9.0.7/32", "camera"),
            "lin",
        )
        await walk.press("end")
        assert "x again" in await walk.press("x")
        await walk.press("x")
        assert all(each.site != "taipei" for each in walk.register.scopes())


async def test_the_timetable_and_the_segments_meant_are_changed_in_the_file(begin, tmp_path) -> None:
    async with begin("small", (120, 36)) as walk:
        walk.app.settings_file = tmp_path / "muster.toml"
        await walk.press("P", "t")
        await walk.type("at night")
        assert "is not a crontab line" in " ".join(walk.seen.split())
        await walk.press(*["backspace"] * 8)
        await walk.pilot.press(*(KEYS.get(letter, letter) for letter in "0 2 * * mon"))
        assert "scan 0 2 * * mon" in await walk.press("ctrl+s")
        await walk.press("m")
        await walk.type("camera")
        await walk.press("enter")
        await walk.type("iot guest")
        assert "camera: iot, guest" in await walk.press("enter")
        assert load(walk.app.settings_file).schedule.scan == "0 2 * * mon"
        assert "camera: iot" not in await walk.press("u")
        assert "scan 0 2 * * mon" not in await walk.press("u")
        assert load(walk.app.settings_file).schedule.scan == ""
        assert "settings" in await walk.press("A")


async def test_a_screen_that_cannot_read_says_why_and_stays(begin, monkeypatch) -> None:
    async def broken(*_arguments: object, **_named: object) -> None:
        raise StoreFault("register.sqlite: input/output error")

    async with begin("small") as walk:
        ask = walk.app.desk.ask
        for row in SCREENS:
            await walk.press(row.key)
            monkeypatch.setattr(walk.app.desk, "ask", broken)
            for key in ("r", "L"):
                assert "✘ register.sqlite: input/output error" in await walk.press(key), row.name
                assert language._(row.title) in walk.lines[0]
            monkeypatch.setattr(walk.app.desk, "ask", ask)


async def test_dates_are_shown_with_years_of_the_republic_on_a_key(begin) -> None:
    async with begin("small") as walk:
        assert "2026-10-01" in await walk.press("9")
        assert "115/10/01" in await walk.press("Y")
        assert words.day(office.TODAY) == "115/11/20"
        assert "2026-10-01" in await walk.press("Y")


@pytest.mark.parametrize("text", ["2026-11-20", "115/11/20", "民國115年11月20日", "115-11-20"])
def test_a_date_is_read_as_people_write_it(text: str) -> None:
    assert words.day_typed(text) == office.TODAY


async def test_a_field_that_holds_a_word_offers_the_others_too(begin) -> None:
    async with begin("small") as walk:
        seen = await walk.press("7", "e")
        assert "[ordered]" in seen
        assert "installed" in seen.partition("PgDn")[2]
        assert "[installed]" in await walk.press("pagedown")
