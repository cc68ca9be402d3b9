"""A verdict taken apart: each rule of an article with every fact it looked at, in either language."""

from datetime import date
from typing import NamedTuple

from inventory.types import Dossier, Verdict
from policies.facts import Sheet, fact_named, in_words
from policies.judge import judge
from policies.pack import Pack
from policies.values import Bilingual, show


class FactShown(NamedTuple):
    """One fact in words, and the attribute, check or record it comes from ("" where it is not known).

    `origin` is the name under which a verdict's `because` has it, `place` what people call it and since when.
    """

    name: str
    label: Bilingual
    value: Bilingual
    origin: str
    place: Bilingual


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
        place, when = place_in_words(origin), sheet.learned(origin)
        if when:
            place = Bilingual(f"{place.en}, {when}", f"{place.zh}，{when}")
        shown.append(FactShown(name, spec.label, in_words(name, value), origin, place))
    return tuple(shown)


def place_in_words(origin: str) -> Bilingual:
    """What people call the place a fact comes from; a record by its id, and "" as it is."""
    if origin in _PLACES:
        return _PLACES[origin]
    room, _dot, name = origin.partition(".")
    if room == "check":
        return fact_named(f"{origin}.outcome").label
    if room == "attribute":
        word = show(name)
        return Bilingual(f"register: {word.en}", f"清冊：{word.zh}")
    return Bilingual(f"record {name}", f"紀錄 {name}")


_REGISTER = Bilingual("register", "清冊")
_PLACES = {
    "": Bilingual("", ""),
    "article.21": Bilingual("ruling on the scope", "適用範圍認定"),
    "checks": Bilingual("results of the checks, exceptions", "各項檢測結果及例外紀錄"),
    "exceptions": Bilingual("exceptions", "例外紀錄"),
    "plans": Bilingual("replacement plans", "汰換計畫"),
    "device.addresses": _REGISTER,
    "device.first_seen": _REGISTER,
    "device.segment": _REGISTER,
    "device.services": _REGISTER,
    "device.status": _REGISTER,
}
