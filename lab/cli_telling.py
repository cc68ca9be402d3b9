"""What `muster lab` tells: how an office fares, what is true of it, how a register stands against that."""

import time
from pathlib import Path

import click

from lab.cli_options import (
    FILE,
    format_option,
    list_format_option,
    personas_option,
    plainly,
    plan_of,
    topology_option,
)
from lab.errors import Exit


@click.command()
@format_option
@plainly
def status(shape: str) -> None:
    """Say whether an office is up, and how it fares. Exits 2 when none is."""
    from lab import health, state

    found = state.must_run()
    plan = plan_of(found.topology, Path(found.personas))
    report = health.examine(plan.office, Path(found.folder))
    if shape == "json":
        click.echo(report.as_json(), nl=False)
        return
    click.echo(f"{plan.office.name} is up: {len(plan.stations)} devices, process {found.pid}")
    click.echo(report.line())
    for words in (*report.left_out, *report.faults):
        click.echo(f"lab: {words}")


@click.command()
@topology_option
@personas_option
@list_format_option
@plainly
def truth(topology_file: str, personas_folder: Path, shape: str) -> None:
    """Say what each device of a topology really is."""
    from lab.truth import truth_as_json, truth_as_rows, truth_of, written

    plan = plan_of(topology_file, personas_folder)
    click.echo(
        truth_as_json(plan) if shape == "json" else written(truth_as_rows(truth_of(plan)), shape), nl=False
    )


@click.command()
@click.argument("export", type=FILE)
@click.option("--truth", "truth_file", type=FILE, help="A truth file (default: the topology's truth).")
@topology_option
@personas_option
@format_option
@click.option("--strict", is_flag=True, help="Exit 10 unless every device is found once and right.")
@plainly
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
        answers = truth_of(plan_of(topology_file, personas_folder))
    result = comparing.compare(comparing.read_export(export), answers)
    click.echo(result.as_json() if shape == "json" else result.as_table(), nl=False)
    if strict and not result.perfect:
        raise click.exceptions.Exit(int(Exit.FINDINGS))


@click.command()
@list_format_option
@plainly
def logins(shape: str) -> None:
    """List every login that the running office's devices were asked for (never the password)."""
    import json
    from dataclasses import asdict

    from lab import state
    from lab.health import all_logins
    from lab.truth import written

    found = state.must_run()
    plan = plan_of(found.topology, Path(found.personas))
    tried = all_logins(plan.office, Path(found.folder))
    if shape == "json":
        click.echo(json.dumps([asdict(login) for login in tried], indent=2, ensure_ascii=False))
        return
    rows: list[tuple[str, ...]] = [("TIME", "DEVICE", "PROTOCOL", "ACCOUNT", "OUTCOME")]
    rows += [(one.at, one.device, one.protocol, one.account, one.outcome) for one in tried]
    click.echo(written(rows, shape), nl=False)


@click.command()
@plainly
def paper() -> None:
    """Say how much paper the running office's printers used; after an honest scan, none."""
    from lab import state
    from lab.journal import Journal

    used = Journal(Path(state.must_run().folder)).paper_used()
    click.echo(f"paper used: {sum(used.values())} bytes")
    for device, size in used.items():
        click.echo(f"  {device}: {size} bytes")


@click.command()
@click.argument("output", type=FILE)
@click.option("--networks", type=click.Choice(["all", "weak", "strong"]), default="all", show_default=True)
@plainly
def wireless(output: Path, networks: str) -> None:
    """Write a wireless capture (pcap) of networks whose security is known, and its truth beside it."""
    from lab.wireless import write_capture

    for path in write_capture(output, networks, began=int(time.time())):
        click.echo(path)


COMMANDS = (status, truth, compare, logins, paper, wireless)
