"""What Home counts and the device card shows, taken from the register and from nothing else."""

import asyncio
import shutil
import threading
from dataclasses import replace
from datetime import date, timedelta

from inventory.register import Register
from inventory.types import (
    AddressState,
    Assessment,
    FindingState,
    FixedClock,
    ScanRun,
    SegmentCoverage,
    Unsettled,
    VerdictOutcome,
    share,
)
from tests.tui import office
from tests.tui.conftest import Walk
from tui.device_rows import attribute_rows, verdict_rows
from tui.standing import DueSoon, call_roll, coverage, judged
from tui.widgets.row_window import listed
from tui.widgets.windowed_table import WindowedTable


def verdict(device: str, outcome: VerdictOutcome, rule: str = "rule-1"):
    return replace(office._verdict(device, 0, 1), outcome=outcome, rule=rule)


def test_a_device_counts_once_under_an_article_by_its_gravest_rule(offices, tmp_path) -> None:
    place = shutil.copy(offices("small"), tmp_path)
    with Register.open(str(place), FixedClock(office.NOW), create=False) as register:
        one, other = (device.id for device in register.devices()[:2])
        articles = (office._article("22", "Inventory", "盤點"), office._article("26", "Purchase", "採購"))
        verdicts = (
            verdict(one, VerdictOutcome.COMPLIANT, "rule-1"),
            verdict(one, VerdictOutcome.UNDETERMINED, "rule-2"),
            verdict(other, VerdictOutcome.COMPLIANT, "rule-1"),
            verdict(other, VerdictOutcome.BREACH, "rule-2"),
            verdict(other, VerdictOutcome.UNDETERMINED, "rule-3"),
        )
        register.save_assessment(Assessment(office.TODAY, articles, share(verdicts), ()))
        row, unjudged = judged(register, office.TODAY).articles
        assert row.counts == {VerdictOutcome.UNDETERMINED: 1, VerdictOutcome.BREACH: 1}
        assert not unjudged.counts


def test_new_devices_are_those_the_last_run_was_the_first_to_see(offices) -> None:
    with Register.open(str(offices("small")), FixedClock(office.NOW), create=False) as register:
        roll = call_roll(register)
        began = roll.run.started
        assert roll.new == sum(device.first_seen >= began for device in register.devices()) == 2


def test_a_finding_is_overdue_from_the_day_after_it_was_due(offices) -> None:
    with Register.open(str(offices("small")), FixedClock(office.NOW), create=False) as register:
        due = min(finding.due for finding in register.findings() if finding.state in ("open", "continuing"))
        assert judged(register, due).overdue == 0
        assert judged(register, due + timedelta(days=1)).overdue > 0


def test_coverage_is_summed_over_segments_and_each_reason_named_once() -> None:
    def segment(network: str, found: int) -> SegmentCoverage:
        refused = tuple(Unsettled(f"{network}.{n}", AddressState.REFUSED, "do not probe") for n in (1, 2))
        counts = {AddressState.FOUND: found, AddressState.REFUSED: 2}
        return SegmentCoverage("hq", network, network, found + 2, counts, "arp", refused)

    whole = coverage(ScanRun("r", "admin", office.NOW, coverage=(segment("a", 3), segment("b", 5))))
    assert (whole.segments, whole.addresses) == (2, 12)
    assert whole.counts == {AddressState.FOUND: 8, AddressState.REFUSED: 4}
    assert whole.reasons == ("do not probe",)


def test_what_article_22_asks_for_is_shown_even_where_nothing_is_known(offices) -> None:
    with Register.open(str(offices("small")), FixedClock(office.NOW), create=False) as register:
        device = register.devices()[0]
    shown = {row.attribute.value: row.held for row in attribute_rows(replace(device, attributes={}))}
    assert {"owner", "location", "purpose", "connection_method"} <= shown.keys()
    assert set(shown.values()) == {None}


def test_a_resolved_finding_is_not_hung_on_todays_verdict() -> None:
    today = verdict("d-1", VerdictOutcome.BREACH)
    old = replace(office._finding(today), state=FindingState.RESOLVED)
    assert verdict_rows([today], [old])[0].finding is None
    assert verdict_rows([today], [office._finding(today)])[0].finding is not None


async def test_the_roll_stands_on_home_and_rows_are_read_while_what_is_due_is_still_counted(
    open_app, monkeypatch
) -> None:
    counted = threading.Event()

    def slow(_register: object, _day: date) -> DueSoon:
        assert counted.wait(timeout=30)
        return (("plans", 7),)

    async def seen(text: str) -> None:
        async with asyncio.timeout(30):
            while text not in walk.seen:
                await pilot.pause()

    monkeypatch.setattr("tui.screens.home.due_soon", slow)
    app = open_app("small")
    async with app.run_test(size=(80, 24)) as pilot:
        walk = Walk(app, pilot, app.desk._register)
        await seen("24 devices")
        await pilot.press("2")
        await seen("10.0.0.2")
        await pilot.press("1")
        assert "Due within 30 days" not in walk.seen
        counted.set()
        await seen("Due within 30 days  7 Plans: 7")


async def test_no_count_is_cut_on_a_small_screen_in_either_language(begin) -> None:
    counts = dict.fromkeys(VerdictOutcome, 100_000)
    async with begin("small") as walk:
        page = walk.app.screen
        rows = [replace(row, counts=counts) for row in page._judged.articles]
        page.query_one(WindowedTable).show(listed(rows))
        await walk.settle()
        for _language in range(2):
            assert sum(line.count(" 100,000") for line in walk.lines) == len(VerdictOutcome) * len(rows)
            await walk.press("L")
