"""What the lab's commands have in common: which office is meant, and how a failure is told."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import click

from lab import persona, topology
from lab.errors import BadFile, LabError

if TYPE_CHECKING:
    from lab.plan import Plan

P = ParamSpec("P")

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)

topology_option = click.option(
    "--topology",
    "topology_file",
    metavar="NAME|FILE",
    default="office",
    show_default=True,
    help="A topology of lab/topologies by name, or any topology file.",
)
personas_option = click.option(
    "--personas",
    "personas_folder",
    type=FOLDER,
    default=persona.FOLDER,
    help="The folder of persona files (default: lab/personas).",
)
format_option = click.option(
    "--format", "shape", type=click.Choice(["table", "json"]), default="table", show_default=True
)
list_format_option = click.option(
    "--format", "shape", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)


def plainly(function: Callable[P, None]) -> Callable[P, None]:
    """Ends a LabError as one line on stderr and its exit code."""

    @wraps(function)
    def plain(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except LabError as error:
            click.echo(f"lab: {error}", err=True)
            raise click.exceptions.Exit(int(error.exit_code)) from error

    return plain


def topology_path(name: str) -> Path:
    """`office` is a topology of ours unless a file of that very name stands here."""
    given = Path(name)
    ours = topology.FOLDER / f"{name}.yaml"
    return ours if not given.is_file() and ours.is_file() else given


def plan_of(topology_file: str, personas_folder: Path) -> "Plan":
    """The plan of a topology by name or file; BadFile where there is none, or it is wrong."""
    from lab.plan import make_plan

    path = topology_path(topology_file)
    if not path.is_file():
        names = ", ".join(sorted(one.stem for one in topology.FOLDER.glob("*.yaml")))
        raise BadFile(f"{path}:1: no such topology file (ours: {names})")
    return make_plan(topology.load_office(path, persona.load_personas(personas_folder)))
