"""Step 8, dossier → verdicts: pure, and the date is an argument, so the same inputs judge alike for ever.

In order: outside the pack's scope or the article's → not-applicable; the rule's own outcome; a breach under
an exception in force → excepted. Where the scope is not settled a breach stands (a device is presumed to be
in scope until decided) and nothing is compliant; where it is not settled whether the article speaks to the
device, the verdict is undetermined.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import date
from operator import itemgetter
from typing import NamedTuple

from inventory.questions import CURRENT_GUIDELINE
from inventory.types import Dossier, ExceptionRecord, Verdict, VerdictOutcome
from policies.duties import in_force
from policies.facts import Sheet, fact_named, in_words
from policies.pack import Pack, PackArticle
from policies.rule import Rule
from policies.values import Bilingual, Wording, fill, placeholders

_MOST_REMEMBERED = 20_000
_PRESUMED = Bilingual(
    " (Whether the rules apply to this device is not decided; until then it is taken to be in scope.)",
    "（適用範圍尚未認定，認定前視為適用。）",
)
_SCOPE_OPEN = Bilingual(
    "Not decided whether the rules apply to this device: {device.scope_reason}.",
    "尚未認定本設備是否適用：{device.scope_reason}。",
)
_EXCEPTED = Bilingual(
    "{reason} Excepted until {expiry}: {why} (approved by {approver}).",
    "{reason}例外核准至 {expiry}：{why}（核准人：{approver}）。",
)


def judge(dossier: Dossier, pack: Pack, on: date) -> tuple[Verdict, ...]:
    """One verdict for each rule of each article of `pack`, for the dossier's device, as of `on`."""
    return Judge((pack,), on).verdicts(dossier)


class Judge:
    """Judges any number of dossiers by the same packs on the same date; equal facts are ruled on once."""

    def __init__(self, packs: Iterable[Pack], on: date) -> None:
        self._packs = tuple(packs)
        self._on = on
        self._reads = tuple(dict.fromkeys(name for pack in self._packs for name in pack.reads))
        place = {name: number for number, name in enumerate(self._reads)}
        self._picks = tuple(itemgetter(*(place[name] for name in pack.reads)) for pack in self._packs)
        self._ruled: dict[tuple[object, ...], tuple[_Ruling, ...]] = {}

    def verdicts(self, dossier: Dossier) -> tuple[Verdict, ...]:
        """The verdicts of every pack, in the packs' order."""
        sheet = Sheet(dossier, self._on)
        values, records = tuple(map(sheet.value, self._reads)), sheet.record_ids
        device = dossier.device.id
        found: list[Verdict] = []
        for pack, pick in zip(self._packs, self._picks, strict=True):
            rulings = self._rulings(sheet, pack, (pack.id, records, pick(values)))
            if dossier.exceptions:
                found += [_verdict(dossier, pack, ruling, self._on) for ruling in rulings]
            else:
                found += [ruling.of_device(device) for ruling in rulings]
        return tuple(found)

    def _rulings(self, sheet: Sheet, pack: Pack, facts: tuple[object, ...]) -> tuple["_Ruling", ...]:
        known = self._ruled.get(facts)
        if known is None:
            if len(self._ruled) >= _MOST_REMEMBERED:
                self._ruled.clear()
            known = self._ruled[facts] = tuple(_rule(sheet, pack))
        return known


def excepting(dossier: Dossier, pack: Pack, article: PackArticle, on: date) -> ExceptionRecord | None:
    """The exception in force that covers this article on this date and lasts longest; None if there is none.

    An exception names an article as `PACK/NUMBER`, or by its bare number in the guideline's edition in force;
    an article of another pack is covered too where its data say it is the `same_as` the named one.
    """
    names = {f"{pack.id}/{article.number}", *article.same_as}
    names |= {
        name.removeprefix(f"{CURRENT_GUIDELINE}/") for name in names if name.startswith(CURRENT_GUIDELINE)
    }
    valid = [record for record in in_force(dossier, on) if not names.isdisjoint(record.articles)]
    return max(valid, key=lambda record: (record.expiry, record.id), default=None)


class Reach(NamedTuple):
    """Whether a pack and an article speak to a device: each True, False or None (not settled)."""

    pack: bool | None
    article: bool | None


def reach(sheet: Sheet, pack: Pack, article: PackArticle) -> Reach:
    """Whether `article` of `pack` speaks to the sheet's device."""
    everyone = pack.test is None or article.beyond_scope == "yes"
    return Reach(
        pack=True if everyone or pack.test is None else pack.test(sheet),
        article=True if article.test is None else article.test(sheet),
    )


class _Ruling(NamedTuple):
    """What one rule says of some facts, before exceptions: the verdict, but for whose it is."""

    article: PackArticle
    outcome: VerdictOutcome
    said: tuple[tuple[Callable[[Verdict, object], None], object], ...]

    def of_device(self, device: str) -> Verdict:
        """The verdict with its device; the slots are filled directly, three times as fast as by the class."""
        verdict = object.__new__(Verdict)
        _SET_DEVICE(verdict, device)
        for fill_slot, value in self.said:
            fill_slot(verdict, value)
        return verdict


_SLOTS = {field.name: getattr(Verdict, field.name).__set__ for field in fields(Verdict)}
_SET_DEVICE = _SLOTS["device"]


def _rule(sheet: Sheet, pack: Pack) -> Iterator[_Ruling]:
    for article in pack.articles:
        reached = reach(sheet, pack, article)
        for rule in article.ruled_by:
            outcome, reason, facts = _outcome(sheet, pack, article, rule, reached)
            verdict = Verdict(
                device="",
                pack=pack.id,
                edition=pack.edition,
                article=article.number,
                rule=rule.id,
                outcome=outcome,
                severity=rule.severity,
                reason_en=reason.en,
                reason_zh=reason.zh,
                judged_on=sheet.on,
                because=_because(sheet, facts),
                remedy_en=rule.remedy.en,
                remedy_zh=rule.remedy.zh,
                due_days=pack.due_days[rule.severity],
            )
            said = tuple(
                (fill_slot, getattr(verdict, name)) for name, fill_slot in _SLOTS.items() if name != "device"
            )
            yield _Ruling(article, outcome, said)


def _verdict(dossier: Dossier, pack: Pack, ruling: _Ruling, on: date) -> Verdict:
    verdict = ruling.of_device(dossier.device.id)
    if ruling.outcome is not VerdictOutcome.BREACH:
        return verdict
    record = excepting(dossier, pack, ruling.article, on)
    return verdict if record is None else _excepted(verdict, record)


def _outcome(
    sheet: Sheet, pack: Pack, article: PackArticle, rule: Rule, reached: Reach
) -> tuple[VerdictOutcome, Bilingual, tuple[str, ...]]:
    """The outcome before exceptions, its sentence, and the names of the facts it rests on."""
    if reached.pack is False and pack.out_of_scope is not None and pack.scope is not None:
        return VerdictOutcome.NOT_APPLICABLE, _told(pack.out_of_scope, sheet), tuple(pack.scope.reads)
    if reached.article is False and article.not_applicable is not None and article.applies is not None:
        return (
            VerdictOutcome.NOT_APPLICABLE,
            _told(article.not_applicable, sheet),
            tuple(article.applies.reads),
        )
    if reached.article is None and article.applies is not None:
        names = tuple(dict.fromkeys(article.applies.reads))
        return VerdictOutcome.UNDETERMINED, _reach_open(sheet, names), names
    outcome = rule.outcome(sheet)
    if reached.pack is None and outcome is VerdictOutcome.COMPLIANT:
        return VerdictOutcome.UNDETERMINED, _filled(_SCOPE_OPEN, sheet), ("device.in_scope",)
    reason = rule.sentence(outcome, sheet)
    if reached.pack is None and outcome is VerdictOutcome.BREACH:
        reason = Bilingual(reason.en + _PRESUMED.en, reason.zh + _PRESUMED.zh)
    return outcome, reason, rule.reads


def _told(wording: Wording, sheet: Sheet) -> Bilingual:
    return _filled(Bilingual(wording.en, wording.zh), sheet)


def _filled(template: Bilingual, sheet: Sheet) -> Bilingual:
    names = placeholders(template.en + template.zh)
    return fill(template, {name: in_words(name, sheet.value(name)) for name in names})


def _reach_open(sheet: Sheet, names: Sequence[str]) -> Bilingual:
    labels = [fact_named(name).label for name in names if sheet.value(name) is None]
    return Bilingual(
        f"Not known whether this article applies: {', '.join(label.en for label in labels)}.",
        f"尚無法認定本條是否適用，缺少：{'、'.join(label.zh for label in labels)}。",
    )


def _excepted(verdict: Verdict, record: ExceptionRecord) -> Verdict:
    expiry = record.expiry.isoformat()
    words = {
        "reason": Bilingual(verdict.reason_en, verdict.reason_zh),
        "expiry": Bilingual(expiry, expiry),
        "why": Bilingual(record.reason, record.reason),
        "approver": Bilingual(record.approver, record.approver),
    }
    reason = fill(_EXCEPTED, words)
    return replace(
        verdict,
        outcome=VerdictOutcome.EXCEPTED,
        reason_en=reason.en,
        reason_zh=reason.zh,
        because=(*verdict.because, f"exception.{record.id}"),
    )


def _because(sheet: Sheet, names: tuple[str, ...]) -> tuple[str, ...]:
    """Where the known ones of these facts come from, each place once."""
    return tuple(dict.fromkeys(sheet.origin(name) for name in names if sheet.value(name) is not None))
