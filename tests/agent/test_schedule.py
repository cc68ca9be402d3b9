"""The timetable: right times, one run at a time, and a bad line named."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from agent.schedule import next_runs, timetable
from inventory.exits import UsageFault
from inventory.settings import ScheduleSettings

FRIDAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_the_next_turns_come_soonest_first_in_local_time() -> None:
    settings = ScheduleSettings(scan="0 2 * * mon", snapshot="0 6 30 6,12 *", assess="30 4 * * *")
    turns = [(duty.name, at.isoformat()) for duty, at in next_runs(settings, FRIDAY)]
    assert turns == [
        ("assess", "2026-11-21T04:30:00+08:00"),
        ("scan", "2026-11-23T02:00:00+08:00"),
        ("snapshot", "2026-12-30T06:00:00+08:00"),
    ]


def test_each_duty_is_its_own_command_and_never_overlaps_itself() -> None:
    ran: list[Sequence[str]] = []

    def run(command: Sequence[str]) -> int:
        ran.append(command)
        return 0

    scheduler = timetable(ScheduleSettings(scan="0 2 * * mon", snapshot="0 6 30 6,12 *"), run)
    for job in scheduler.get_jobs():
        assert (job.max_instances, job.coalesce) == (1, True)
        job.func(*job.args)
    assert ran == [("scan",), ("snapshot", "create")]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (ScheduleSettings(scan="every monday"), "schedule.scan"),
        (ScheduleSettings(assess="61 4 * * *"), "schedule.assess"),
        (ScheduleSettings(scan="0 2 * * 1"), "weekday"),
        (ScheduleSettings(scan="0 2 * * mon", timezone="Taipei/Xinyi"), "schedule.timezone"),
    ],
)
def test_a_time_that_makes_no_sense_is_named(settings: ScheduleSettings, named: str) -> None:
    with pytest.raises(UsageFault, match=named):
        next_runs(settings, FRIDAY)
