"""The timetable of the regular duties, for those who show and change it."""

from datetime import datetime

from inventory.settings import ScheduleSettings


def next_turns(settings: ScheduleSettings, now: datetime) -> tuple[tuple[str, datetime], ...]:
    """Which duty runs next after `now`, soonest first; UsageFault for a time that is none."""
    from agent.schedule import next_runs  # heavy, and only needed where there are duties

    return tuple((duty.name, at) for duty, at in next_runs(settings, now))


def check_times(duty: str, text: str, now: datetime) -> str:
    """The crontab line (`0 2 * * mon`) or the time zone as it may be kept; UsageFault where it may not."""
    next_turns(ScheduleSettings.model_validate({"scan": "0 0 * * *", duty: text.strip()}), now)
    return text.strip()
