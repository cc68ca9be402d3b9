"""`muster assess`: judge every device, article by article."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from inventory.cli.options import DAY
from inventory.console import Session, format_option, pass_session, print_rows, say, say_next
from inventory.language import _, is_chinese
from inventory.names import called

if TYPE_CHECKING:
    from inventory.types import Article, Device, Posture
    from policies.explain import Explanation
    from policies.pack import Pack
    from policies.values import Bilingual


@click.command()
@click.option(
    "--pack",
    "names",
    multiple=True,
    metavar="P",
    help="Judge by this pack too, and show it alone (repeatable).",
)
@click.option("--on", "day", type=DAY, help="Judge as of this date (default: today).")
@click.option(
    "--explain", nargs=2, metavar="DEVICE ARTICLE", help="Say from which facts the verdicts follow."
)
@click.option(
    "--snapshot", "frozen", metavar="S", help="Judge this snapshot anew; the register stays as it is."
)
@format_option
@pass_session
def assess(  # noqa: PLR0917 - click passes by name
    session: Session,
    names: tuple[str, ...],
    day: date | None,
    explain: tuple[str, str] | None,
    frozen: str | None,
    form: str,
) -> None:
    """Judge every device by the packs and print how many stand where, article by article.

    Verdicts rest on the results of `muster check` and on recorded answers. The same register, packs and date
    give the same verdicts; judging again on the same day looks at what was written since, and no more. Only
    what is judged today is kept, by the firm's packs and those named: another day is looked at. A snapshot is
    judged by its own packs on its own day, unless others are named.
    """
    if frozen is not None:
        _assess_frozen(session, frozen, names, day, explain, form)
        return
    from agent.service.assess import assess as judge_all
    from agent.service.assess import explained, preview
    from agent.service.rejudge import posture_of
    from inventory.register import Register
    from inventory.types import SystemClock, today
    from policies.pack import chosen_packs

    packs = chosen_packs(names, session.settings.packs)
    clock = SystemClock()
    on = day or today(clock)
    with Register.open(session.register_place, clock, create=False) as register:
        if explain:
            device, article = explain
            parts = explained(register, packs, device, article, on)
            _print_explained(parts, register.device(device), form)
            return
        if on == today(clock):
            kept = chosen_packs((), session.settings.packs, also=names)
            posture = judge_all(register, kept, on)
            shown = [one for one in register.articles() if one.pack in {pack.id for pack in packs}]
            _print_posture(posture, shown, kept, form)
            say_next("findings list", "due", "snapshot create")
            return
        seen = preview(register, packs, on)
    _print_posture(posture_of(seen), seen.articles, packs, form)
    if form == "table":
        click.echo(_("looked at only: the register keeps what is judged on its own day"))


def _assess_frozen(  # noqa: PLR0917 - the options of one command
    session: Session,
    frozen: str,
    names: tuple[str, ...],
    day: date | None,
    explain: tuple[str, str] | None,
    form: str,
) -> None:
    from agent.service.rejudge import differing, explained_in, posture_of, rejudge
    from inventory.cli.snapshot import folder_of
    from inventory.snapshot.folder import load
    from policies.pack import chosen_packs

    snapshot = load(folder_of(session, frozen))
    own = tuple(dict.fromkeys(article.pack for article in snapshot.articles))
    packs = chosen_packs(names or own, session.settings.packs)
    on = day or snapshot.assessed_on or snapshot.on
    if explain:
        parts = explained_in(snapshot, packs, *explain, on)
        (device,) = (one for one in snapshot.devices if one.id == parts[0].verdict.device)
        _print_explained(parts, device, form)
        return
    anew = rejudge(snapshot, packs, on)
    _print_posture(posture_of(anew), anew.articles, packs, form)
    changed = differing(snapshot, anew)
    if form == "table":
        line = _("{label} judged anew: {count} verdicts come out otherwise than they were frozen")
        click.echo(line.format(label=snapshot.label, count=changed))


def _print_posture(
    posture: "Posture", articles: "Sequence[Article]", packs: Sequence["Pack"], form: str
) -> None:
    from inventory.types import VerdictOutcome

    counted = {(line.pack, line.article, line.outcome): line.devices for line in posture.counts}
    rows: list[dict[str, object]] = [
        {
            "pack": article.pack,
            "article": article.number,
            "title": article.title_zh if is_chinese() else article.title_en,
            **{
                outcome.value: counted.get((article.pack, article.number, outcome), 0)
                for outcome in VerdictOutcome
            },
        }
        for article in articles
    ]
    headings = {"pack": _("Pack"), "article": _("Article"), "title": _("Title")}
    print_rows(rows, {**headings, **{outcome.value: called(outcome) for outcome in VerdictOutcome}}, form)
    if form == "table":
        editions = ", ".join(f"{pack.id} ({pack.edition})" for pack in packs)
        click.echo(
            "\n"
            + _("{devices} devices judged as of {on} by {editions}; {findings} open findings").format(
                devices=posture.devices, on=posture.on, editions=editions, findings=posture.open_findings
            )
        )
    if not posture.devices:
        click.echo(_("no devices yet; `muster scan` finds them"), err=True)


def _print_explained(parts: Sequence["Explanation"], device: "Device", form: str) -> None:
    if form != "table":
        rows: list[dict[str, object]] = [
            {
                "rule": part.verdict.rule,
                "outcome": part.verdict.outcome.value,
                "fact": fact.name,
                "value": _spoken(fact.value),
                "from": fact.origin,
                "reason": part.verdict.reason_zh if is_chinese() else part.verdict.reason_en,
            }
            for part in parts
            for fact in part.facts
        ]
        print_rows(rows, {key: key for key in ("rule", "outcome", "fact", "value", "from", "reason")}, form)
        return
    heading = _("{device} ({label}), judged as of {on}")
    say(heading.format(device=device.id, label=device.label, on=parts[0].verdict.judged_on) + "\n")
    for part in parts:
        verdict = part.verdict
        edition = _("{pack}, edition {edition}, article {article}").format(
            pack=verdict.pack, edition=verdict.edition, article=verdict.article
        )
        say(f"{edition} · {verdict.rule}: {called(verdict.outcome)}")
        say(f"  {verdict.reason_zh if is_chinese() else verdict.reason_en}")
        for fact in part.facts:
            origin = f"  [{_spoken(fact.place)}]" if fact.origin else ""
            say(f"    {_spoken(fact.label)}: {_spoken(fact.value)}{origin}")
        if verdict.outcome.value in ("breach", "excepted", "undetermined"):
            remedy = verdict.remedy_zh if is_chinese() else verdict.remedy_en
            say("  " + _("What to do: {remedy}").format(remedy=remedy))
        click.echo()


def _spoken(words: "Bilingual") -> str:
    text = words.zh if is_chinese() else words.en
    return "".join(character if character.isprintable() else "·" for character in text)
