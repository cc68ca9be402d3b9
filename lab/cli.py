"""`muster lab`: bring a pretend office up, work in it, take it down, hold a register against it."""

import os
import shlex
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, ParamSpec

import click

from lab import persona, topology
from lab.errors import BadFile, Exit, LabError, NotRunning

if TYPE_CHECKING:
    from lab.plan import Plan

P = ParamSpec("P")

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)

_topology = click.option(
    "--topology",
    "topology_file",
    metavar="NAME|FILE",
    default="office",
    show_default=True,
    help="A topology of lab/topologies by name, or any topology file.",
)
_personas = click.option(
    "--personas",
    "personas_folder",
    type=_FOLDER,
    default=persona.FOLDER,
    help="The folder of persona files (default: lab/personas).",
)
_format = click.option(
    "--format", "shape", type=click.Choice(["table", "json"]), default="table", show_default=True
)
_list_format = click.option(
    "--format", "shape", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)
_vantage = click.option("--at", "vantage", default="", help="The vantage to run at (default: the first).")
_command = click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)


def _plainly(function: Callable[P, None]) -> Callable[P, None]:
    """Ends a LabError as one line on stderr and its exit code."""

    @wraps(function)
    def plain(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except LabError as error:
            click.echo(f"lab: {error}", err=True)
            raise click.exceptions.Exit(int(error.exit_code)) from error

    return plain


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def lab() -> None:
    """Bring up a pretend office to try things in."""


@lab.command(context_settings={"ignore_unknown_options": True})
@_topology
@_personas
@_vantage
@click.option("--write-truth", "truth_file", type=_FILE, help="Write what each device is, as JSON.")
@click.option("--health", "health_file", type=_FILE, help="Write how the office fared, as JSON.")
@click.option("--logbooks", type=_FOLDER, help="Keep the office's logbooks in this folder.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but what the command says.")
@_command
@_plainly
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

    plan = _plan(topology_file, personas_folder)
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
@_topology
@_personas
@_plainly
def up(topology_file: str, personas_folder: Path) -> None:
    """Bring an office up and leave it running until `down`."""
    from lab.launch import up as bring_up

    path = _topology_path(topology_file)
    plan = _plan(topology_file, personas_folder)
    found = bring_up(plan, path.absolute(), personas_folder.absolute())
    click.echo(f"{plan.office.name} is up: {len(plan.stations)} devices, process {found.pid}")
    for words in _left_out(Path(found.folder)):
        click.echo(f"lab: {words}", err=True)


@lab.command()
@_plainly
def down() -> None:
    """Take the running office down."""
    from lab.launch import down as take_down

    take_down()
    click.echo("the office is down")


@lab.command()
@_format
@_plainly
def status(shape: str) -> None:
    """Say whether an office is up, and how it fares. Exits 2 when none is."""
    from lab import health, state

    found = state.must_run()
    plan = _plan(found.topology, Path(found.personas))
    report = health.examine(plan.office, Path(found.folder))
    if shape == "json":
        click.echo(report.as_json(), nl=False)
        return
    click.echo(f"{plan.office.name} is up: {len(plan.stations)} devices, process {found.pid}")
    click.echo(report.line())
    for words in (*report.left_out, *report.faults):
        click.echo(f"lab: {words}")


@lab.command(name="exec", context_settings={"ignore_unknown_options": True})
@_vantage
@_command
@_plainly
def execute(vantage: str, command: tuple[str, ...]) -> None:
    """Run COMMAND at a vantage of the running office; ends with its exit code."""
    _enter(vantage, list(command))


@lab.command()
@_vantage
@_plainly
def shell(vantage: str) -> None:
    """Open a shell at a vantage of the running office."""
    _enter(vantage, shlex.split(os.environ.get("SHELL", "/bin/sh")))


@lab.command()
@_topology
@_personas
@_list_format
@_plainly
def truth(topology_file: str, personas_folder: Path, shape: str) -> None:
    """Say what each device of a topology really is."""
    from lab.truth import truth_as_json, truth_as_rows, truth_of, written

    plan = _plan(topology_file, personas_folder)
    click.echo(
        truth_as_json(plan) if shape == "json" else written(truth_as_rows(truth_of(plan)), shape), nl=False
    )


@lab.command()
@click.argument("export", type=_FILE)
@click.option("--truth", "truth_file", type=_FILE, help="A truth file (default: the topology's truth).")
@_topology
@_personas
@_format
@click.option("--strict", is_flag=True, help="Exit 10 unless every device is found once and right.")
@_plainly
def compare(
    *,
    export: Path,
    truth_file: Path | None,
    topology_file: str,
    personas_folder: Path,
    shape: str,
    strict: bool,
) -> None:
    """Hold a register export (JSON) against the truth."""
    from lab import compare as comparing
    from lab.truth import truth_of

    if truth_file:
        answers = comparing.read_truth(truth_file)
    else:
        answers = truth_of(_plan(topology_file, personas_folder))
    result = comparing.compare(comparing.read_export(export), answers)
    click.echo(result.as_json() if shape == "json" else result.as_table(), nl=False)
    if strict and not result.perfect:
        raise click.exceptions.Exit(int(Exit.FINDINGS))


@lab.command()
@_list_format
@_plainly
def logins(shape: str) -> None:
    """List every login that the running office's devices were asked for (never the password)."""
    import json
    from dataclasses import asdict

    from lab import state
    from lab.health import all_logins
    from lab.truth import written

    found = state.must_run()
    plan = _plan(found.topology, Path(found.personas))
    tried = all_logins(plan.office, Path(found.folder))
    if shape == "json":
        click.echo(json.dumps([asdict(login) for login in tried], indent=2, ensure_ascii=False))
        return
    rows: list[tuple[str, ...]] = [("TIME", "DEVICE", "PROTOCOL", "ACCOUNT", "OUTCOME")]
    rows += [(one.at, one.device, one.protocol, one.account, one.outcome) for one in tried]
    click.echo(written(rows, shape), nl=False)


@lab.command()
@_plainly
def paper() -> None:
    """Say how much paper the running office's printers used; after an honest scan, none."""
    from lab import state
    from lab.journal import Journal

    used = Journal(Path(state.must_run().folder)).paper_used()
    click.echo(f"paper used: {sum(used.values())} bytes")
    for device, size in used.items():
        click.echo(f"  {device}: {size} bytes")


@lab.command()
@click.argument("output", type=_FILE)
@click.option("--networks", type=click.Choice(["all", "weak", "strong"]), default="all", show_default=True)
@_plainly
def wireless(output: Path, networks: str) -> None:
    """Write a wireless capture (pcap) of networks whose security is known, and its truth beside it."""
    from lab.wireless import write_capture

    for path in write_capture(output, networks, began=int(time.time())):
        click.echo(path)


def _topology_path(name: str) -> Path:
    """`office` is a topology of ours unless a file of that very name stands here."""
    given = Path(name)
    ours = topology.FOLDER / f"{name}.yaml"
    return ours if not given.is_file() and ours.is_file() else given


def _plan(topology_file: str, personas_folder: Path) -> "Plan":
    from lab.plan import make_plan

    path = _topology_path(topology_file)
    if not path.is_file():
        names = ", ".join(sorted(one.stem for one in topology.FOLDER.glob("*.yaml")))
        raise BadFile(f"{path}:1: no such topology file (ours: {names})")
    return make_plan(topology.load_office(path, persona.load_personas(personas_folder)))


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
    plan = _plan(found.topology, Path(found.personas))
    _check_vantage(plan, vantage)
    sys.stdout.flush()
    enter = launch.command_inside(found, plan, vantage, command)
    try:
        os.execvp(enter[0], enter)  # noqa: S606 - becomes the command, no shell between
    except OSError as error:
        raise NotRunning(f"{enter[0]}: {error.strerror}") from error
