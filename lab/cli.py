"""`muster lab`: bring a pretend office up, work in it, take it down; `cli_telling` has what is told of it."""

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from lab.cli_options import FILE, FOLDER, personas_option, plainly, plan_of, topology_option, topology_path
from lab.cli_telling import COMMANDS
from lab.errors import BadFile, NotRunning

if TYPE_CHECKING:
    from lab.plan import Plan

_vantage = click.option("--at", "vantage", default="", help="The vantage to run at (default: the first).")
_command = click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def lab() -> None:
    """Bring up a pretend office to try things in."""


@lab.command(context_settings={"ignore_unknown_options": True})
@topology_option
@personas_option
@_vantage
@click.option("--write-truth", "truth_file", type=FILE, help="Write what each device is, as JSON.")
@click.option("--health", "health_file", type=FILE, help="Write how the office fared, as JSON.")
@click.option("--logbooks", type=FOLDER, help="Keep the office's logbooks in this folder.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but what the command says.")
@_command
@plainly
def run(
    *,
    topology_file: str,
    personas_folder: Path,
    vantage: str,
    truth_file: Path | None,
    health_file: Path | None,
    logbooks: Path | None,
    quiet: bool,
    command: tuple[str, ...],
) -> None:
    """Bring an office up, run COMMAND at a vantage in it, take it down; ends with its exit code."""
    from lab.launch import run as run_inside
    from lab.office import Errand

    plan = plan_of(topology_file, personas_folder)
    _check_vantage(plan, vantage)
    if truth_file:
        _write_truth(plan, truth_file)
    if logbooks:
        logbooks.mkdir(parents=True, exist_ok=True)
    errand = Errand(
        command=command,
        vantage=vantage,
        health=health_file.absolute() if health_file else None,
        quiet=quiet,
    )
    raise click.exceptions.Exit(run_inside(plan, errand, keep=logbooks))


@lab.command()
@topology_option
@personas_option
@plainly
def up(topology_file: str, personas_folder: Path) -> None:
    """Bring an office up and leave it running until `down`."""
    from lab.launch import up as bring_up

    path = topology_path(topology_file)
    plan = plan_of(topology_file, personas_folder)
    found = bring_up(plan, path.absolute(), personas_folder.absolute())
    click.echo(f"{plan.office.name} is up: {len(plan.stations)} devices, process {found.pid}")
    for words in _left_out(Path(found.folder)):
        click.echo(f"lab: {words}", err=True)


@lab.command()
@plainly
def down() -> None:
    """Take the running office down."""
    from lab.launch import down as take_down

    take_down()
    click.echo("the office is down")


@lab.command(name="exec", context_settings={"ignore_unknown_options": True})
@_vantage
@_command
@plainly
def execute(vantage: str, command: tuple[str, ...]) -> None:
    """Run COMMAND at a vantage of the running office; ends with its exit code."""
    _enter(vantage, list(command))


@lab.command()
@_vantage
@plainly
def shell(vantage: str) -> None:
    """Open a shell at a vantage of the running office."""
    _enter(vantage, shlex.split(os.environ.get("SHELL", "/bin/sh")))


for telling in COMMANDS:
    lab.add_command(telling)


def _check_vantage(plan: "Plan", vantage: str) -> None:
    names = [one.name for one in plan.office.vantages]
    if vantage and vantage not in names:
        raise BadFile(f"--at: no vantage is called '{vantage}' (there are: {', '.join(names)})")


def _write_truth(plan: "Plan", path: Path) -> None:
    from lab.truth import truth_as_json

    try:
        path.write_text(truth_as_json(plan), encoding="utf-8")
    except OSError as error:
        raise BadFile(f"{path}:1: cannot be written: {error.strerror}") from error


def _left_out(folder: Path) -> list[str]:
    path = folder / "left-out.txt"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _enter(vantage: str, command: list[str]) -> NoReturn:
    from lab import launch, state

    found = state.must_run()
    plan = plan_of(found.topology, Path(found.personas))
    _check_vantage(plan, vantage)
    sys.stdout.flush()
    enter = launch.command_inside(found, plan, vantage, command)
    try:
        os.execvp(enter[0], enter)  # noqa: S606 - becomes the command, no shell between
    except OSError as error:
        raise NotRunning(f"{enter[0]}: {error.strerror}") from error
