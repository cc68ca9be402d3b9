"""A verdict taken apart: each rule of an article with every fact it looked at, in either language."""

from datetime import date
from typing import NamedTuple

from inventory.types import Dossier, Verdict
from policies.facts import Sheet, fact_named, in_words
from policies.judge import judge
from policies.pack import Pack
from policies.values import Bilingual


class FactShown(NamedTuple):
    """One fact in words, and the attribute, check or record it comes from ("" where it is not known)."""

    name: str
    label: Bilingual
    value: Bilingual
    origin: str


class Explanation(NamedTuple):
    """One verdict and the facts its rule and its article's applicability looked at."""

    verdict: Verdict
    facts: tuple[FactShown, ...]


def explain(dossier: Dossier, pack: Pack, number: str, on: date) -> tuple[Explanation, ...]:
    """One explanation for each rule of the article; UsageFault if the pack has no such article."""
    article = pack.article(number)
    sheet = Sheet(dossier, on)
    verdicts = {verdict.rule: verdict for verdict in judge(dossier, pack, on) if verdict.article == number}
    reach = (*(pack.scope.reads if pack.scope else ()), *(article.applies.reads if article.applies else ()))
    return tuple(
        Explanation(verdicts[rule.id], _shown(sheet, (*reach, *rule.reads, *rule.shows)))
        for rule in article.ruled_by
    )


def _shown(sheet: Sheet, names: tuple[str, ...]) -> tuple[FactShown, ...]:
    shown = []
    for name in dict.fromkeys(names):
        spec, value = fact_named(name), sheet.value(name)
        origin = sheet.origin(name) if value is not None else ""
        shown.append(FactShown(name, spec.label, in_words(name, value), origin))
    return tuple(shown)
