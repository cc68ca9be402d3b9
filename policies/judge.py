"""Step 8, dossier → verdicts: pure, and the date is an argument, so the same inputs judge alike for ever.

In order: outside the pack's scope or the article's → not-applicable; the rule's own outcome; a breach under
an exception in force → excepted. Where the scope is not settled a breach stands (a device is presumed to be
in scope until decided) and nothing is compliant; where it is not settled whether the article speaks to the
device, the verdict is undetermined.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from inventory.questions import CURRENT_GUIDELINE
from inventory.types import Dossier, ExceptionRecord, SharedVerdict, Verdict, VerdictOutcome, merge
from policies.duties import CHECKLIST_OPEN, in_force
from policies.facts import Sheet, fact_named, in_words
from policies.pack import Pack, PackArticle
from policies.reader import Pick, Reader
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
_CHECKLIST_OPEN = Bilingual(
    "Signed, but the checklist is not answered ({records}): sign it item by item.",
    "已簽署，惟檢核表未逐項作答（{records}），應逐項重新簽署。",
)
_SETTLE_FIRST = Bilingual(
    "Settle first what is not known: run the checks, or enter it in the register.",
    "請先查明缺少之資料：執行檢測，或登錄於清冊。",
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
        self._on = on
        packs = tuple(packs)
        ruled = [
            (pack, article, rule) for pack in packs for article in pack.articles for rule in article.ruled_by
        ]
        names = (name for pack, article, rule in ruled for name in pack.read_by(article, rule))
        self._reader = Reader(names, on)
        self._packs = tuple(map(self._asked, packs))
        self._ruled: dict[tuple[object, ...], tuple[_Ruling, ...]] = {}
        self._each: dict[tuple[object, ...], _Ruling] = {}

    def verdicts(self, dossier: Dossier) -> tuple[Verdict, ...]:
        """The verdicts on one device, in the packs' order."""
        device = dossier.device.id
        said = (ruling.said for rulings in self._rulings(dossier) for ruling in rulings)
        return tuple(replace(verdict, device=device) for verdict in said)

    def shared(self, dossiers: Iterable[Dossier]) -> tuple[SharedVerdict, ...]:
        """The verdicts on all the devices, those that say the same put together."""
        alike: dict[int, tuple[tuple[_Ruling, ...], list[str]]] = {}
        for dossier in dossiers:
            device = dossier.device.id
            for rulings in self._rulings(dossier):
                try:
                    alike[id(rulings)][1].append(device)
                except KeyError:
                    alike[id(rulings)] = rulings, [device]
        return merge(
            SharedVerdict.of(ruling.said, devices)
            for rulings, several in alike.values()
            for devices in [tuple(sorted(several))]
            for ruling in rulings
        )

    def _asked(self, pack: Pack) -> "_Asked":
        parts = [
            (article, rule, pack.read_by(article, rule))
            for article in pack.articles
            for rule in article.ruled_by
        ]
        pick = self._reader.pick
        return _Asked(
            pack,
            pick(name for _article, _rule, names in parts for name in names),
            tuple((article, rule, pick(names)) for article, rule, names in parts),
        )

    def _rulings(self, dossier: Dossier) -> Iterator[tuple["_Ruling", ...]]:
        """What each pack says of the dossier; the same object where it says the same for the same facts."""
        facts = self._reader.read(dossier)
        for asked in self._packs:
            key = (asked.pack.id, asked.pick(facts))
            rulings = self._ruled.get(key)
            if rulings is None:
                _bound(self._ruled)
                rulings = self._ruled[key] = tuple(self._rule(dossier, asked, facts))
            yield _with_exceptions(rulings, dossier, asked.pack, self._on) if dossier.exceptions else rulings

    def _rule(self, dossier: Dossier, asked: "_Asked", facts: tuple[object, ...]) -> Iterator["_Ruling"]:
        pack, sheet = asked.pack, Sheet(dossier, self._on)
        for article, rule, pick in asked.parts:
            key = (pack.id, article.number, rule.id, pick(facts))
            ruling = self._each.get(key)
            if ruling is None:
                _bound(self._each)
                ruling = self._each[key] = _Ruling(article, _said(sheet, pack, article, rule))
            yield ruling


def _bound(remembered: dict[tuple[object, ...], Any]) -> None:
    """Forgets everything where it has become too much."""
    if len(remembered) >= _MOST_REMEMBERED:
        remembered.clear()


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


class _Asked(NamedTuple):
    """A pack, what picks the facts it rests on, and the same for each rule of each article."""

    pack: Pack
    pick: Pick
    parts: tuple[tuple[PackArticle, Rule, Pick], ...]


class _Ruling(NamedTuple):
    """What one rule says of some facts, before exceptions: a verdict on no device in particular."""

    article: PackArticle
    said: Verdict


def _said(sheet: Sheet, pack: Pack, article: PackArticle, rule: Rule) -> Verdict:
    reached = reach(sheet, pack, article)
    outcome, reason, facts = _outcome(sheet, pack, article, rule, reached)
    is_open = reached.article is None and outcome is VerdictOutcome.UNDETERMINED
    remedy = _SETTLE_FIRST if is_open else Bilingual(rule.remedy.en, rule.remedy.zh)
    return Verdict(
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
        remedy_en=remedy.en,
        remedy_zh=remedy.zh,
        due_days=pack.due_days[rule.severity],
    )


def _with_exceptions(
    rulings: tuple[_Ruling, ...], dossier: Dossier, pack: Pack, on: date
) -> tuple[_Ruling, ...]:
    """The rulings with each breach that an exception covers excepted."""

    def ruled(ruling: _Ruling) -> _Ruling:
        breached = ruling.said.outcome is VerdictOutcome.BREACH
        record = excepting(dossier, pack, ruling.article, on) if breached else None
        return ruling if record is None else _Ruling(ruling.article, _excepted(ruling.said, record))

    return tuple(map(ruled, rulings))


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
    if outcome is VerdictOutcome.UNDETERMINED:
        reason = _with_open_checklists(reason, sheet, rule.reads)
    if reached.pack is None and outcome is VerdictOutcome.BREACH:
        reason = Bilingual(reason.en + _PRESUMED.en, reason.zh + _PRESUMED.zh)
    return outcome, reason, rule.reads


def _told(wording: Wording, sheet: Sheet) -> Bilingual:
    return _filled(Bilingual(wording.en, wording.zh), sheet)


def _filled(template: Bilingual, sheet: Sheet) -> Bilingual:
    names = placeholders(template.en + template.zh)
    return fill(template, {name: in_words(name, sheet.value(name)) for name in names})


def _with_open_checklists(reason: Bilingual, sheet: Sheet, names: Sequence[str]) -> Bilingual:
    """Also names the records that say yes to a checklist unanswered; these alone where nothing is missing."""
    labels = [fact_named(name).label for name in names if sheet.value(name) == CHECKLIST_OPEN]
    if not labels:
        return reason
    records = Bilingual(", ".join(one.en for one in labels), "、".join(one.zh for one in labels))
    said = fill(_CHECKLIST_OPEN, {"records": records})
    lacking = any(sheet.value(name) is None for name in names)
    return Bilingual(f"{reason.en} {said.en}", f"{reason.zh}{said.zh}") if lacking else said


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
