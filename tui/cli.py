"""`muster tui`: opens the register on screen."""

import sys

import click

from inventory.console import Session, pass_session
from inventory.exits import UsageFault
from inventory.language import _
from inventory.roles import role_of
from inventory.types import SystemClock


@click.command()
@click.option("--ascii", "ascii_only", is_flag=True, help="Draw with ASCII signs only, for an old terminal.")
@pass_session
def tui(session: Session, ascii_only: bool) -> None:
    """Open the register on screen: look, filter, edit, and see every finding explained."""
    from inventory.register import Register
    from tui import words
    from tui.app import MusterApp
    from tui.drawer import drawer_of

    clock = SystemClock()
    with Register.open(session.register_place, clock, create=False) as register:
        if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
            raise UsageFault(_("the screen needs a terminal; in a pipe use `muster register list`"))
        words.use_ascii(ascii_only or "utf" not in (sys.stdout.encoding or "").lower())
        operator = session.operator
        app = MusterApp(
            register,
            operator=operator,
            clock=clock,
            settings=session.settings,
            role=role_of(operator, session.settings.roles),
            drawer=drawer_of(session.register_place, operator),
        )
        app.run()
