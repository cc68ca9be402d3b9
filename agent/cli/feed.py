"""`muster feed`: facts from outside, kept beside the register."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inventory.cli.options import DAY
from inventory.console import Session, format_option, pass_session, print_rows, say
from inventory.exits import BadInput
from inventory.language import N_, _

if TYPE_CHECKING:
    from agent.feeds.shelf import Kept

RECOG = "recog"
KINDS = {
    "kev": N_("exploited weaknesses (CISA KEV)"),
    "nvd": N_("known weaknesses (NVD)"),
    "endoflife": N_("ends of life (endoflife.date)"),
}


@click.group()
def feed() -> None:
    """Import facts from outside: exploited and known weaknesses, ends of life. No connection is needed."""


@feed.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--sha256", default="", metavar="HEX", help="Import only if the file has this SHA-256.")
@click.option("--older", is_flag=True, help="Import even what is older than what is kept.")
@format_option
@pass_session
def import_feed(session: Session, files: tuple[Path, ...], sha256: str, older: bool, form: str) -> None:
    """Keep the facts of CISA KEV, NVD (JSON 1.1, 2.0) or endoflife.date files; gzip is read too.

    The next `muster check` judges the evidence at hand by them. `recog DIR` takes the fingerprints of a recog
    checkout instead; devices are then named by them too, where Muster's own fingerprints are silent.
    """
    from agent.feeds.shelf import shelf_beside

    if str(files[0]) == RECOG and not files[0].is_file():
        if len(files) != 2 or sha256:
            raise click.UsageError(_("say `recog DIR`, a checkout or its folder of XML files"))
        _import_recog(files[1], form)
        return
    shelf = shelf_beside(session.register_place)
    taken = [
        shelf.take(_content(file), file.name, _today(), sha256=sha256, even_older=older) for file in files
    ]
    _print(taken, session, form)


@feed.command("drop")
@click.argument("kind", type=click.Choice([RECOG]), expose_value=False)
def drop() -> None:
    """Forget the imported fingerprints."""
    from agent.fingerprints.recog import keep

    keep(())


@feed.command("list")
@format_option
@pass_session
def list_feeds(session: Session, form: str) -> None:
    """Show what was imported, of which day it is, and what is stale."""
    from agent.feeds.shelf import shelf_beside

    _print(shelf_beside(session.register_place).index(), session, form)


@feed.command("update")
@click.argument("kinds", nargs=-1, metavar="[kev|nvd|endoflife]...")
@format_option
@pass_session
def update(session: Session, kinds: tuple[str, ...], form: str) -> None:
    """Fetch the feeds from those who publish them; needs a connection to the Internet."""
    from agent.feeds.fetch import chosen, fetch
    from agent.feeds.shelf import shelf_beside

    shelf = shelf_beside(session.register_place)
    fetched = [shelf.take(fetch(source), source.name, _today()) for source in chosen(kinds)]
    _print(fetched, session, form)


@feed.command("ask")
@click.argument("product")
@click.argument("version")
@click.option("--on", "day", type=DAY, help="As of this day (default: today).")
@format_option
@pass_session
def ask(session: Session, product: str, version: str, day: date | None, form: str) -> None:
    """Say how long a version of a product is supported, by the imported ends of life."""
    from agent.checks.knowledge import gather
    from agent.feeds.shelf import shelf_beside

    on = day or _today()
    found = gather(shelf_beside(session.register_place).feeds()).standing(product, version, on)
    row = {
        "product": found.product if found else product,
        "cycle": found.cycle if found else "",
        "state": found.state.value if found else "unknown",
        "ends": found.ends.isoformat() if found and found.ends else "",
    }
    headings = {"product": _("Product"), "cycle": _("Cycle"), "state": _("State"), "ends": _("Ends")}
    print_rows([row], headings, form)


def _print(kept: "list[Kept] | tuple[Kept, ...]", session: Session, form: str) -> None:
    today, after = _today(), session.settings.check.feed_days
    rows = [
        {
            "kind": one.kind.value if form == "json" else _(KINDS[one.kind.value]),
            "name": one.name,
            "dated": one.dated.isoformat() if one.dated else "",
            "imported": one.imported.isoformat(),
            "entries": one.entries,
            "stale": one.is_stale(today, after) if form == "json" else _staleness(one, today, after),
            "sha256": one.sha256,
        }
        for one in kept
    ]
    headings = {
        "kind": _("Feed"),
        "name": _("File"),
        "dated": _("Of"),
        "imported": _("Imported"),
        "entries": _("Entries"),
        "stale": _("Age"),
        "sha256": "SHA-256",
    }
    print_rows(rows, headings, form)


def _import_recog(folder: Path, form: str) -> None:
    from agent.fingerprints.recog import keep, read_directory

    found = read_directory(folder)
    keep(found.rules)
    for why in found.left_out:
        say(_("left out: {why}").format(why=why), err=True)
    row = {"kind": RECOG, "entries": len(found.rules), "left_out": len(found.left_out)}
    print_rows([row], {"kind": _("Feed"), "entries": _("Entries"), "left_out": _("Left out")}, form)


def _staleness(kept: "Kept", today: date, after: int) -> str:
    days = _("{days} days").format(days=kept.age(today))
    return _("{days}, stale").format(days=days) if kept.is_stale(today, after) else days


def _content(file: Path) -> bytes:
    from agent.feeds.formats import MOST_BYTES

    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error
    return content


def _today() -> date:
    from inventory.types import SystemClock

    return SystemClock().now().date()
