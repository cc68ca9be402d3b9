"""`muster tui`: opens the register on screen, or serves the screen to browsers."""

import os
import sys
from pathlib import Path

import click

from inventory.console import Session, pass_session
from inventory.exits import UsageFault
from inventory.language import _, current
from inventory.roles import role_of
from inventory.types import SystemClock

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--ascii", "ascii_only", is_flag=True, help="Draw with ASCII signs only, for an old terminal.")
@click.option("--web", is_flag=True, help="Serve the screen to browsers instead; on this machine only.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where --web listens.")
@click.option(
    "--port",
    default=8022,
    type=click.IntRange(1, 65535),
    show_default=True,
    help="The port --web listens at.",
)
@click.option("--cert", type=_FILE, help="The certificate (PEM) --web needs beyond this machine.")
@click.option("--key", type=_FILE, help="Its key (PEM).")
@click.option("--add-account", metavar="NAME", help="Ask for a password and let NAME log in to --web.")
@pass_session
def tui(
    session: Session,
    *,
    ascii_only: bool,
    web: bool,
    host: str,
    port: int,
    cert: Path | None,
    key: Path | None,
    add_account: str | None,
) -> None:
    """Open the register on screen: look, filter, edit, and see every finding explained."""
    if add_account is not None:
        _add_account(session, add_account)
    elif web:
        _serve(session, host=host, port=port, certificate=cert, key=key)
    else:
        _open(session, ascii_only=ascii_only)


def _open(session: Session, *, ascii_only: bool) -> None:
    from inventory.register import Register
    from tui import words
    from tui.app import MusterApp
    from tui.drawer import drawer_of

    clock = SystemClock()
    with Register.open(session.register_place, clock, create=False) as register:
        in_browser = "TEXTUAL_DRIVER" in os.environ
        if not in_browser and not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
            raise UsageFault(_("the screen needs a terminal; in a pipe use `muster register list`"))
        words.use_ascii(ascii_only or "utf" not in (sys.stdout.encoding or "").lower())
        operator = session.operator
        app = MusterApp(
            register,
            operator=operator,
            clock=clock,
            settings=session.settings,
            settings_file=session.config,
            role=role_of(operator, session.settings.roles),
            drawer=drawer_of(session.register_place, operator),
        )
        app.run()
    if app.return_code:  # it fell over, and has said why
        sys.exit(app.return_code)


def _serve(session: Session, *, host: str, port: int, certificate: Path | None, key: Path | None) -> None:
    from inventory.register import Register
    from tui.web.gate import Accounts
    from tui.web.serve import Place, WebDesk, check_place

    place, accounts = Place(host, port, certificate, key), Accounts(_accounts_file(session))
    check_place(place, accounts)
    Register.open(session.register_place, SystemClock(), create=False).close()

    def command(operator: str) -> tuple[str, ...]:
        config = ("--config", str(session.config.resolve())) if session.config else ()
        language = ("--lang", current())
        asked = ("--register", session.register_place, *config, *language, "tui")
        return (
            "env", f"MUSTER_OPERATOR={operator}", "PYTHONUTF8=1",
            sys.executable, "-m", "muster", *asked,
        )  # fmt: skip

    def announce(entrance: str) -> None:
        click.echo(_("Open {address} in a browser; Ctrl+C ends.").format(address=entrance))

    WebDesk(place, command, accounts, SystemClock(), session.operator, announce=announce).serve()


def _add_account(session: Session, name: str) -> None:
    from tui.web.gate import Accounts

    accounts = Accounts(_accounts_file(session))
    password = click.prompt(_("Password"), hide_input=True, confirmation_prompt=True)
    accounts.add(name, password)
    click.echo(_("{name} may log in").format(name=name))


def _accounts_file(session: Session) -> Path:
    """Beside the register's file, or in the platform's folder where the register is a server's."""
    from inventory.settings import default_register

    place = session.register_place
    folder = Path(default_register()).parent if "://" in place else Path(place).parent
    return folder / "web-accounts.json"
