"""`muster import register`: a list people kept becomes records."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from inventory.cli.options import seen_option
from inventory.console import Session, format_option, print_rows, say
from inventory.exits import Exit, UsageFault
from inventory.language import _
from inventory.types import ImportReport, LineOutcome, SystemClock


@click.command("register")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--site", default="", help="The site of rows that name none.")
@click.option("--segment", default="", help="The segment of rows that name none.")
@click.option("--column", "columns", multiple=True, metavar="HEADING=FIELD", help="What a column is.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option("--partly", is_flag=True, help="Take the good rows even where others are refused.")
@seen_option
@format_option
@click.pass_context
def import_register(
    ctx: click.Context,
    /,
    *,
    file: Path,
    site: str,
    segment: str,
    columns: tuple[str, ...],
    dry_run: bool,
    partly: bool,
    seen: datetime | None,
    form: str,
) -> None:
    """Take the devices of FILE (CSV, XLSX or JSON) in; `muster register undo` takes it all back.

    \b
    muster import register 清冊.xlsx --site hq --dry-run
    muster import register list.csv --site hq --column '放哪裡=location' --partly
    """
    from inventory.imports import read_list

    session = ctx.ensure_object(Session)
    if dry_run and "://" not in session.register_place and not Path(session.register_place).exists():
        session = replace(session, register_url=":memory:")  # a dry run leaves no register behind
    listed = read_list(
        file,
        site=site,
        segment=segment,
        custom=session.settings.custom_fields,
        columns=dict(_pair(each) for each in columns),
    )
    click.echo(_("{file}: {form}").format(file=file, form=listed.form), err=True)
    left_out = _("left out")
    for column in listed.columns:
        say(f"  {column.heading} → {column.field or left_out}", err=True)
    with session.opened(SystemClock(), create=True, seen=seen) as register:
        report = register.import_rows(
            listed.rows, session.operator, name=file.name, partly=partly, dry=dry_run
        )
    _say(report, form)
    refused = report.count(LineOutcome.REFUSED)
    if refused and not partly:
        click.echo(_("nothing was taken: mend the refused lines, or say --partly"), err=True)
        ctx.exit(Exit.BAD_INPUT)
    if dry_run:
        click.echo(_("a dry run: nothing was written"), err=True)
    elif report.entry is not None:
        click.echo(
            _("entry {number} of the log: `muster register undo {number}` takes it back").format(
                number=report.entry
            ),
            err=True,
        )


def _say(report: ImportReport, form: str) -> None:
    rows = [
        {"line": one.line, "outcome": one.outcome.value, "device": one.device, "detail": one.detail}
        for one in report.lines
        if form != "table" or one.outcome is not LineOutcome.SAME
    ]
    headings = {"line": _("Line"), "outcome": _("Outcome"), "device": _("Device"), "detail": _("Detail")}
    print_rows(rows, headings, form)
    counts = ", ".join(f"{report.count(each)} {each.value}" for each in LineOutcome)
    click.echo(counts, err=True)


def _pair(text: str) -> tuple[str, str]:
    heading, equals, field = text.rpartition("=")
    if not equals:
        raise UsageFault(_("{text!r} is not HEADING=FIELD").format(text=text))
    return heading, field.strip()
