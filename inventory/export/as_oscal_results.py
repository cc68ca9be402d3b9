"""The judgement as OSCAL assessment results: an observation for each thing a rule says, a finding an article.

An article is `satisfied` only where every device it speaks to complies, is excepted or outside of it.
Undetermined and not judged make it `not-satisfied` with the reason `other`: no evidence is never a pass.
"""

from collections import defaultdict
from collections.abc import Iterator

from inventory.export.columns import columns_of
from inventory.export.form import Form
from inventory.export.oscal import (
    DEVICES,
    Later,
    Many,
    Node,
    control_id,
    document,
    identity,
    in_language,
    items,
    metadata,
    moment,
    plain,
    properties,
    prose,
    subjects,
)
from inventory.export.oscal_attestations import attestations
from inventory.export.statement import coverage_statement, judgement_statement
from inventory.export.wording import Term, article_heading, label, pack_title
from inventory.snapshot.posture import ArticlePosture, posture
from inventory.snapshot.sketches import device_ids, own_fields
from inventory.snapshot.value import Snapshot
from inventory.types import WORST_FIRST, Article, SharedVerdict, VerdictOutcome


def form(snapshot: Snapshot, language: str) -> Form:
    """UTF-8 JSON of the assessment-results model; texts in `language`, the same snapshot the same bytes."""
    title = _TITLE.within(language)
    packs = dict.fromkeys((article.pack, article.edition) for article in snapshot.articles)
    plan = identity("plan", *packs)
    columns = columns_of(own_fields(snapshot))
    return document(
        "assessment-results",
        {
            "uuid": identity("assessment-results", snapshot.label, snapshot.on, language),
            "metadata": metadata(snapshot, plain(f"{title} {snapshot.label}")),
            "import-ap": {"href": f"#{plan}"},
            "results": Many([_result(snapshot, language)], nested=True),
            "back-matter": {
                "resources": [
                    {
                        "uuid": plan,
                        "title": _PLAN.within(language),
                        "description": prose(
                            "; ".join(f"{pack} {edition}" for pack, edition in packs) or "-"
                        ),
                    },
                    {
                        "uuid": identity("snapshot", snapshot.label, snapshot.on),
                        "title": "snapshot.json",
                        "description": _WHOLE.within(language),
                        "rlinks": [{"href": "./snapshot.json", "media-type": "application/json"}],
                    },
                ]
            },
        },
        lambda batch: items(batch, columns, device_ids(snapshot)),
    )


def _result(snapshot: Snapshot, language: str) -> Node:
    on = snapshot.assessed_on or snapshot.on
    observations = Many(_observation(verdict, language) for verdict in snapshot.verdicts)
    return {
        "uuid": identity("result", snapshot.label, snapshot.on),
        "title": plain(f"{_TITLE.within(language)} {on}"),
        "start": moment(on),
        "end": moment(on),
        **({"local-definitions": {"inventory-items": DEVICES}} if device_ids(snapshot) else {}),
        "description": Later(lambda: _description(snapshot, language)),
        "reviewed-controls": {"control-selections": _selections(snapshot, language)},
        **({"attestations": Many(attestations(snapshot, language))} if snapshot.attestations else {}),
        **({"observations": observations} if snapshot.verdicts else {}),
        **({"findings": Many(_findings(snapshot, language))} if snapshot.articles else {}),
    }


def _description(snapshot: Snapshot, language: str) -> str:
    said = (*coverage_statement(snapshot, language), *judgement_statement(snapshot, language))
    return prose(" ".join(said))


def _selections(snapshot: Snapshot, language: str) -> list[Node]:
    packs: dict[str, list[Article]] = defaultdict(list)
    for article in snapshot.articles:
        packs[article.pack].append(article)
    if not packs:
        return [
            {"description": _NOTHING_JUDGED.within(language), "include-controls": [{"control-id": "none"}]}
        ]
    return [
        {
            "description": prose(pack_title(articles[0], language)),
            "props": properties(("pack", pack), ("edition", str(articles[0].edition))),
            "include-controls": [
                {"control-id": control_id(article.pack, article.number)} for article in articles
            ],
        }
        for pack, articles in packs.items()
    ]


def _observation(verdict: SharedVerdict, language: str) -> Node:
    return {
        "uuid": _observation_id(verdict),
        "title": plain(f"{verdict.rule}: {label(verdict.outcome, language)}"),
        "description": prose(in_language(language, verdict.reason_en, verdict.reason_zh)),
        "props": properties(
            ("pack", verdict.pack),
            ("edition", str(verdict.edition)),
            ("article", verdict.article),
            ("rule", verdict.rule),
            ("outcome", str(verdict.outcome)),
        ),
        "methods": ["TEST"],
        "types": ["control-objective"],
        "subjects": subjects(verdict.devices),
        **(
            {"relevant-evidence": [{"description": prose(one)} for one in verdict.because]}
            if verdict.because
            else {}
        ),
        "collected": moment(verdict.judged_on),
    }


def _observation_id(verdict: SharedVerdict) -> str:
    return identity(
        *("verdict", verdict.pack, verdict.edition, verdict.article, verdict.rule, verdict.outcome),
        *(verdict.severity, verdict.reason_en, verdict.reason_zh, verdict.judged_on, *verdict.because),
        *(verdict.remedy_en, verdict.remedy_zh, verdict.due_days),
    )


def _findings(snapshot: Snapshot, language: str) -> Iterator[Node]:
    by_article: dict[tuple[str, str], list[SharedVerdict]] = defaultdict(list)
    for verdict in snapshot.verdicts:
        by_article[verdict.pack, verdict.article].append(verdict)
    for row in posture(snapshot):
        yield _finding(row, by_article[row.article.pack, row.article.number], language)


def _finding(row: ArticlePosture, observed: list[SharedVerdict], language: str) -> Node:
    article = row.article
    counts = [*((str(o), row.counts[o]) for o in WORST_FIRST), ("not-judged", row.not_judged)]
    described = ", ".join(
        [*(f"{label(o, language)} {row.counts[o]}" for o in WORST_FIRST if row.counts[o])]
        + ([f"{_NOT_JUDGED.within(language)} {row.not_judged}"] if row.not_judged else [])
    )
    return {
        "uuid": identity("finding", article.pack, article.edition, article.number),
        "title": plain(article_heading(article, language)),
        "description": prose(described),
        "props": properties(
            ("pack", article.pack),
            ("edition", str(article.edition)),
            ("obligation", str(article.level)),
            *((name, str(count)) for name, count in counts),
        ),
        "target": {
            "type": "objective-id",
            "target-id": control_id(article.pack, article.number),
            "title": plain(article_heading(article, language)),
            "description": prose(in_language(language, article.summary_en, article.summary_zh)),
            "status": _status(row),
        },
        **(
            {"related-observations": [{"observation-uuid": _observation_id(one)} for one in observed]}
            if observed
            else {}
        ),
    }


def _status(row: ArticlePosture) -> Node:
    if row.counts[VerdictOutcome.BREACH]:
        return {"state": "not-satisfied", "reason": "fail"}
    if row.counts[VerdictOutcome.UNDETERMINED] or row.not_judged or not row.judged:
        return {"state": "not-satisfied", "reason": "other"}
    return {"state": "satisfied", "reason": "pass"}


_TITLE = Term("Assessment of networked devices", "物聯網及辦公室自動化設備評估結果")
_PLAN = Term("What was assessed: the regulations' articles, each by its rules", "評估依據之規範條文")
_WHOLE = Term("Everything this document was made from, and the evidence.", "本文件所依據之完整資料與佐證。")
_NOTHING_JUDGED = Term("Nothing was judged.", "未作任何評估。")
_NOT_JUDGED = Term("not judged", "未評估")
