"""`muster pack`: the articles and rules that devices are judged by."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import UsageFault
from inventory.language import N_, _, is_chinese
from inventory.names import called
from inventory.types import SystemClock, today

if TYPE_CHECKING:
    from policies.pack import Pack, PackArticle
    from policies.rule import Sentence
    from policies.values import Wording

CYCLES = {
    "once": N_("once"),
    "always": N_("always"),
    "monthly": N_("monthly"),
    "half-yearly": N_("half-yearly"),
    "yearly": N_("yearly"),
    "per-purchase": N_("at each purchase"),
    "regularly": N_("regularly"),
}
LEVELS = {"must": N_("must"), "should": N_("should")}


@click.group()
def pack() -> None:
    """Show the articles and rules that devices are judged by."""


@pack.command("list")
@format_option
@pass_session
def list_packs(session: Session, form: str) -> None:
    """List the packs, their editions and whether they are judged by default."""
    from policies.pack import packs_with

    rows = [
        {
            "pack": each.id,
            "edition": each.edition.isoformat(),
            "articles": len(each.articles),
            "rules": sum(len(article.ruled_by) for article in each.articles),
            "default": each.default == "yes"
            if form == "json"
            else _("yes")
            if each.default == "yes"
            else _("no"),
            "title": _in_language(each.title),
        }
        for each in packs_with(session.settings.packs)
    ]
    headings = {
        "pack": _("Pack"),
        "edition": _("Edition"),
        "articles": _("Articles"),
        "rules": _("Rules"),
        "default": _("Default"),
        "title": _("Title"),
    }
    print_rows(rows, headings, form)


@pack.command("show")
@click.argument("name", metavar="PACK")
@click.argument("number", metavar="[ARTICLE]", required=False)
@format_option
@pass_session
def show_pack(session: Session, name: str, number: str | None, form: str) -> None:
    """Show the articles of PACK, or one ARTICLE with its rules."""
    from policies.pack import chosen_packs

    (chosen,) = chosen_packs((name,), session.settings.packs)
    if number is None:
        _print_articles(chosen, form)
        return
    article = chosen.article(number)
    if form == "table":
        _print_article(chosen, article)
        return
    _print_rules(chosen, article, form)


@pack.command("new")
@click.argument("name", metavar="NAME")
@click.option("--out", type=click.Path(path_type=Path), help="The file to write (NAME.yaml without).")
def new_pack(name: str, out: Path | None) -> None:
    """Write a pack of the firm's own to start from; a rule in it is complete, with its examples.

    Change it, try it with `muster pack check FILE`, and name it in muster.toml: packs = ["FILE"].
    """
    from policies.pack import read_pack

    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise UsageFault(_("{name}: a pack's name is of small letters, digits and hyphens").format(name=name))
    place = out or Path(f"{name}.yaml")
    template = (files("policies") / "own-pack.yaml").read_text(encoding="utf-8")
    written = template.replace("NAME", name).replace("TODAY", today(SystemClock()).isoformat())
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(written)
        read_pack(place)
    except FileExistsError as error:
        raise UsageFault(_("{place} is there already").format(place=place)) from error
    except OSError as error:
        text = _("{place} cannot be written: {reason}")
        raise UsageFault(text.format(place=place, reason=error.strerror)) from error
    click.echo(_("{place} is written; try it with `muster pack check {place}`").format(place=place))


@pack.command("check")
@click.argument("place", metavar="FILE", type=click.Path(path_type=Path))
def check_pack(place: Path) -> None:
    """Read a pack's file and try the examples of its rules; the first fault is named with its line."""
    from policies.pack import packs_with

    (read,) = packs_with([str(place.absolute())])[-1:]  # a bare word would be a pack of Muster's
    own = [rule for article in read.articles for rule in article.own]
    tried = sum(
        len(examples)
        for rule in own
        for examples in (rule.examples.compliant, rule.examples.breach, rule.examples.undetermined)
    )
    text = _("{pack} is sound: {articles} articles, {rules} rules of its own, {examples} examples hold")
    click.echo(text.format(pack=read.id, articles=len(read.articles), rules=len(own), examples=tried))


def _print_articles(chosen: "Pack", form: str) -> None:
    rows = [
        {
            "number": article.number,
            "title": _in_language(article.title),
            "level": article.level.value if form == "json" else _(LEVELS[article.level]),
            "cycle": article.cycle if form == "json" else _(CYCLES[article.cycle]),
            "rules": [rule.id for rule in article.ruled_by],
        }
        for article in chosen.articles
    ]
    headings = {
        "number": _("Article"),
        "title": _("Title"),
        "level": _("Obligation"),
        "cycle": _("Cycle"),
        "rules": _("Rules"),
    }
    print_rows(rows, headings, form)


def _print_article(chosen: "Pack", article: "PackArticle") -> None:
    click.echo(f"{_in_language(chosen.title)}\n{article.number}  {_in_language(article.title)}\n")
    click.echo(_in_language(article.summary))
    obligation, cycle = _(LEVELS[article.level]), _(CYCLES[article.cycle])
    click.echo(
        "\n" + _("Obligation: {obligation} · cycle: {cycle}").format(obligation=obligation, cycle=cycle)
    )
    for rule in article.ruled_by:
        due = _("due in {days} days").format(days=chosen.due_days[rule.severity])
        click.echo(f"\n{rule.id}  ({_(LEVELS[rule.level])}, {called(rule.severity)}, {due})")
        click.echo("  " + _("kept:    {sentence}").format(sentence=_with_labels(rule.says.compliant)))
        click.echo("  " + _("broken:  {sentence}").format(sentence=_with_labels(rule.says.breach)))
        click.echo("  " + _("remedy:  {sentence}").format(sentence=_in_language(rule.remedy)))
        click.echo("  " + _("reads:   {facts}").format(facts=", ".join(rule.reads)))


def _print_rules(chosen: "Pack", article: "PackArticle", form: str) -> None:
    rows = [
        {
            "rule": rule.id,
            "level": rule.level.value,
            "severity": rule.severity.value,
            "due_days": chosen.due_days[rule.severity],
            "reads": list(rule.reads),
            "remedy": _in_language(rule.remedy),
        }
        for rule in article.ruled_by
    ]
    if form == "json":
        head = {"pack": chosen.id, "edition": chosen.edition.isoformat(), "article": article.number}
        texts = {"title": _in_language(article.title), "summary": _in_language(article.summary)}
        click.echo(json.dumps({**head, **texts, "rules": rows}, ensure_ascii=False, indent=2))
        return
    print_rows(rows, {key: key for key in rows[0]}, form)


def _with_labels(sentence: "Sentence") -> str:
    """The sentence with what each fact is called in its place."""
    from policies.facts import fact_named
    from policies.values import Bilingual, fill, placeholders

    template = Bilingual(sentence.en, sentence.zh)
    labels = {name: fact_named(name).label for name in placeholders(sentence.en)}
    told = fill(template, {name: Bilingual(f"‹{en}›", f"〔{zh}〕") for name, (en, zh) in labels.items()})
    return told.zh if is_chinese() else told.en


def _in_language(wording: "Wording") -> str:
    return wording.zh if is_chinese() else wording.en
