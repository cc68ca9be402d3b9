"""When each regular duty runs by itself: the one home of APScheduler.

A duty is a `muster` command, started as a process of its own: a scan that crashes cannot take the timetable
with it, and two runs of one duty never overlap. A duty missed while the machine slept runs once, late.
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger

from inventory.exits import UsageFault
from inventory.language import _
from inventory.settings import ScheduleSettings

Runner = Callable[[Sequence[str]], int]
_LATE_BY_AT_MOST = 24 * 3600  # seconds; one later than that waits for its next turn


@dataclass(frozen=True, slots=True)
class Duty:
    """A command of `muster` and the crontab line by which it runs."""

    name: str
    command: tuple[str, ...]
    crontab: str


def duties(settings: ScheduleSettings) -> tuple[Duty, ...]:
    """The duties the settings name a time for, in the order of a device's way."""
    known = (
        Duty("scan", ("scan",), settings.scan),
        Duty("check", ("check", "--due"), settings.check),
        Duty("assess", ("assess",), settings.assess),
        Duty("snapshot", ("snapshot", "create"), settings.snapshot),
    )
    return tuple(duty for duty in known if duty.crontab)


def next_runs(settings: ScheduleSettings, now: datetime) -> tuple[tuple[Duty, datetime], ...]:
    """When each duty runs next after `now`, soonest first, in the schedule's time zone."""
    turns = [(duty, _trigger(duty, settings).get_next_fire_time(None, now)) for duty in duties(settings)]
    return tuple(sorted(((duty, at) for duty, at in turns if at), key=lambda turn: turn[1]))


def timetable(settings: ScheduleSettings, run: Runner) -> BlockingScheduler:
    """A scheduler, not yet started, that gives each duty's command to `run` at its times."""
    scheduler = BlockingScheduler(timezone=_zone(settings))
    for duty in duties(settings):
        scheduler.add_job(
            run,
            _trigger(duty, settings),
            args=[duty.command],
            id=duty.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=_LATE_BY_AT_MOST,
        )
    return scheduler


def run_muster(arguments: Sequence[str], options: Sequence[str] = ()) -> int:
    """Runs `muster OPTIONS ARGUMENTS` as a process of its own and gives its exit code."""
    return subprocess.run([sys.executable, "-m", "muster", *options, *arguments], check=False).returncode


def _trigger(duty: Duty, settings: ScheduleSettings) -> Any:  # noqa: ANN401 - APScheduler ships no types
    try:
        if any(letter.isdigit() for letter in duty.crontab.split()[-1]):
            raise ValueError(
                _("name the weekday (mon to sun): numbers mean different days to different tools")
            )
        return CronTrigger.from_crontab(duty.crontab, timezone=_zone(settings))
    except ValueError as error:
        raise UsageFault(
            _(
                "schedule.{duty} = {text!r}: is not a crontab line (minute hour day month weekday): {error}"
            ).format(duty=duty.name, text=duty.crontab, error=error)
        ) from error


def _zone(settings: ScheduleSettings) -> ZoneInfo:
    try:
        return ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageFault(
            _("schedule.timezone = {text!r}: no such time zone").format(text=settings.timezone)
        ) from error
