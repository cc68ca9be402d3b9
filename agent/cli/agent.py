"""`muster agent`: the duties that run by themselves."""

from functools import partial
from typing import TYPE_CHECKING

import click

from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import UsageFault
from inventory.language import _

if TYPE_CHECKING:
    from inventory.settings import ScheduleSettings


@click.group()
def agent() -> None:
    """Run scans, checks, assessments and snapshots by the timetable of muster.toml."""


@agent.command("next")
@format_option
@pass_session
def next_turns(session: Session, form: str) -> None:
    """Say when each duty runs next."""
    from agent.schedule import next_runs
    from inventory.types import SystemClock

    rows = [
        {"duty": duty.name, "next": at.isoformat(timespec="minutes"), "crontab": duty.crontab}
        for duty, at in next_runs(_schedule(session), SystemClock().now())
    ]
    print_rows(rows, {"duty": _("Duty"), "next": _("Next"), "crontab": "crontab"}, form)


@agent.command("run")
@pass_session
def run(session: Session) -> None:
    """Stay and run each duty at its time, until Ctrl-C."""
    from agent.schedule import run_muster, timetable

    options = ["--register", session.register_place]
    if session.config:
        options += ["--config", str(session.config)]
    settings = _schedule(session)
    scheduler = timetable(settings, partial(run_muster, options=options))
    names = ", ".join(job.id for job in scheduler.get_jobs())
    click.echo(_("Waiting to run: {duties}. Ctrl-C ends this.").format(duties=names), err=True)
    scheduler.start()


def _schedule(session: Session) -> "ScheduleSettings":
    from agent.schedule import duties

    settings = session.settings.schedule
    if not duties(settings):
        raise UsageFault(
            _('nothing is scheduled: give times in muster.toml, such as [schedule] scan = "0 2 * * mon"')
        )
    return settings
