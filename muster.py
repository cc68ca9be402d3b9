"""The front door: `muster COMMAND`, a lazy table from command to room.

`muster --help` imports no room. An expected failure (MusterError) ends as one line and its exit code.
"""

import errno
import os
import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import NamedTuple

import click

from inventory.console import Session, in_language, say
from inventory.exits import Exit, MusterError
from inventory.language import LANGUAGES, N_, _, choose


class Door(NamedTuple):
    """Where a command lives, and its one line in the help."""

    place: str
    line: str


COMMANDS: dict[str, Door] = {
    "doctor": Door("agent.cli.doctor:doctor", N_("Say what this machine can do, and what to mend.")),
    "lab": Door("lab.cli:lab", N_("Bring up a pretend office to try things in.")),
    "scope": Door("inventory.cli.scope:scope", N_("Say which networks may be looked at, and how far.")),
    "scan": Door("agent.cli.scan:scan", N_("Call the roll: find and identify every device in scope.")),
    "sweep": Door("agent.cli.sweep:sweep", N_("Ask ports of addresses and print who answers, nothing else.")),
    "listen": Door("agent.cli.listen:listen", N_("Hear who announces itself on the wire; send nothing.")),
    "import": Door(
        "agent.cli.imports:import_", N_("Take in what other tools found: leases, nmap, masscan, arp-scan.")
    ),
    "coverage": Door(
        "agent.cli.coverage:coverage", N_("Say which addresses are known, how, and which are silent.")
    ),
    "identify": Door("agent.cli.identify:identify", N_("Name devices from recorded banners or SNMP values.")),
    "register": Door(
        "inventory.cli.register:register", N_("List, show, edit and export the device register.")
    ),
    "check": Door("agent.cli.check:check", N_("Run the checks on the evidence at hand.")),
    "feed": Door("agent.cli.feed:feed", N_("Import what is known of weaknesses and ends of life.")),
    "assess": Door("agent.cli.assess:assess", N_("Judge every device, article by article.")),
    "findings": Door("inventory.cli.findings:findings", N_("List what was found wrong, and until when.")),
    "exception": Door(
        "inventory.cli.exception:exception", N_("Keep what may stay as it is for a while, and why.")
    ),
    "plan": Door("inventory.cli.plan:plan", N_("Plan what is to be replaced, by what and when.")),
    "attest": Door("inventory.cli.attest:attest", N_("Sign what only people can answer.")),
    "due": Door("inventory.cli.due:due", N_("Say what is due, and what is late.")),
    "pack": Door("policies.cli:pack", N_("Show the articles and rules that devices are judged by.")),
    "vault": Door("inventory.cli.vault:vault", N_("Keep SNMP credentials where no file shows them.")),
    "wireless": Door("agent.cli.wireless:wireless", N_("Grade wireless networks from captures.")),
    "isolation": Door("agent.cli.isolation:isolation", N_("Measure what passes between segments.")),
    "snapshot": Door("inventory.cli.snapshot:snapshot", N_("Freeze the register for the auditor.")),
    "agent": Door("agent.cli.agent:agent", N_("Run the regular duties by themselves, on time.")),
    "tui": Door("tui.cli:tui", N_("Open the register on screen.")),
}


_HELP = ("-h", "--help")


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, not when they are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's interface
        """The commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command itself, imported now; None where the table has no such word."""
        door = COMMANDS.get(cmd_name)
        if door is None:
            return None
        module, _colon, name = door.place.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return in_language(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The table of commands, from the table alone."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(door.line)) for name, door in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": _HELP})
@click.option("--config", type=click.Path(path_type=Path), help="Read settings from this muster.toml.")
@click.option("--register", "register_url", metavar="PATH|URL", help="Use this register.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of messages (default: the locale's).")
@click.version_option(package_name="muster")
@click.pass_context
def cli(ctx: click.Context, config: Path | None, register_url: str | None, lang: str | None) -> None:
    """Muster calls the roll of every device in an office and says, article by article, which ones pass."""
    session = Session(config=config, register_url=register_url)
    if not any(word in _HELP for word in sys.argv):  # help does not wait for all the settings
        choose(lang or session.settings.language or None)
    ctx.obj = session


def main() -> None:
    """Runs the command line and ends the process with a code from `inventory.exits.Exit`."""
    choose(_language_of(sys.argv[1:]))
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # an ASCII or Big5 terminal still gets its list
    output = sys.stdout
    try:
        in_language(cli)
        code = cli(standalone_mode=False, prog_name="muster")
        sys.stdout.flush()
    except MusterError as error:
        say(f"muster: {error}", err=True)
        sys.exit(error.exit_code)
    except click.exceptions.Exit as finished:
        sys.exit(finished.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo(_("muster: stopped; what was learned so far is kept"), err=True)
        sys.exit(Exit.STOPPED)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(Exit.USAGE)
    except click.ClickException as error:
        say(f"muster: {_in_one_line(error)}", err=True)
        sys.exit(Exit.USAGE)
    except BrokenPipeError:
        _leave_output()
        sys.exit(Exit.OK)
    except SystemExit as end:
        if sys.stdout is output and not _is_given_up(end):
            raise
        _leave_output()
        sys.exit(Exit.OK)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _leave_output()
        place = error.filename or _("standard output")
        click.echo(_("muster: {place} cannot be written: the disk is full").format(place=place), err=True)
        sys.exit(Exit.STORE)
    sys.exit(code if isinstance(code, int) else Exit.OK)  # click gives the code of ctx.exit() back


def _in_one_line(error: click.ClickException) -> str:
    """What click found wrong with the command line, and where its help is."""
    problem = " ".join(error.format_message().split()).rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "muster"
    return _("{problem}; see `{command} --help`").format(problem=problem, command=command)


def _is_given_up(end: SystemExit) -> bool:
    """Whether rich ended the process because the reader went away (`| head`); click wraps the output then."""
    return isinstance(end.__context__, BrokenPipeError)


def _leave_output() -> None:
    """What is still buffered for standard output goes nowhere, so that the end of the process is quiet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _option(name: str, arguments: list[str]) -> str | None:
    """What an option says in the raw arguments, because help is printed before options are handled."""
    for position, argument in enumerate(arguments):
        if argument == name and position + 1 < len(arguments):
            return arguments[position + 1]
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
    return None


def _language_of(arguments: list[str]) -> str | None:
    """The language to greet in: that of `--lang`, else the one the settings name."""
    config = _option("--config", arguments)
    return _option("--lang", arguments) or Session(Path(config) if config else None).language_named or None


if __name__ == "__main__":
    main()
