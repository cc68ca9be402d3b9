"""The report for the regulator: one HTML page that opens without a network; the one home of jinja2.

The words stand in the template in both languages. Autoescape takes markup out of device texts, `visible`
takes out what hides or reorders, and a content security policy forbids whatever might be left.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from inventory.export.columns import ARTICLE_22, COLUMN, empty_fields
from inventory.export.grouping import finding_groups, open_questions
from inventory.export.harmless import visible
from inventory.export.lifecycle import by_quarter
from inventory.export.sheets import SHEETS
from inventory.export.statement import coverage_statement, figures, is_overdue, judgement_statement
from inventory.export.wording import CHINESE, Term, article_heading, article_name, label, pack_title
from inventory.snapshot.posture import ArticlePosture, posture
from inventory.snapshot.value import Snapshot
from inventory.types import (
    WORST_FIRST,
    AddressState,
    Device,
    DeviceStatus,
    FindingState,
)

MOST_NAMED = 60  # devices named in one row of findings
MOST_ROWS = 2000  # a longer table no browser prints and nobody reads; the workbook has every row

_DEVICE_COLUMNS = tuple(
    COLUMN[key]
    for key in (
        "id",
        "device_class",
        "vendor",
        "model",
        "firmware",
        "ip",
        "connection_method",
        "ports",
        "segment",
        "location",
        "owner",
        "purpose",
        "last_seen",
    )
)
_BRIEF = 120
_LONGEST_WORD = 20
_CYCLES = {
    "always": Term("at all times", "持續"),
    "once": Term("once", "一次"),
    "monthly": Term("monthly", "每月"),
    "half-yearly": Term("half-yearly", "每半年"),
    "yearly": Term("yearly", "每年"),
    "regularly": Term("regularly", "定期"),
    "per-purchase": Term("at each purchase", "採購時"),
}
_RECORD_SHEETS = ("Exceptions", "Replacement plans", "Attestations", "Wireless")


@dataclass(frozen=True, slots=True)
class PackPosture:
    """One pack in one edition: its articles' figures and their plot."""

    title: str
    edition: date
    rows: tuple[ArticlePosture, ...]
    plot: Markup


def render(snapshot: Snapshot, language: str) -> bytes:
    """A self-contained UTF-8 page in `language`: styles and plots inline, no script, no outside resource."""
    devices = {device.id: device for device in snapshot.devices}
    present = [d for d in snapshot.devices if d.status is not DeviceStatus.RETIRED]
    page = (
        _environment()
        .get_template("report.html")
        .render(
            snapshot=snapshot,
            lang="zh-Hant-TW" if language == CHINESE else "en",
            say=lambda en, zh: Term(en, zh).within(language),
            label=lambda word: label(word, language),
            cycle=lambda word: _CYCLES[word].within(language) if word in _CYCLES else word,
            heading_of=lambda article: article_heading(article, language),
            style=Markup(_style()),  # noqa: S704 - our own file
            figures=figures(snapshot),
            coverage_statement=coverage_statement(snapshot, language),
            judgement_statement=judgement_statement(snapshot, language),
            outcomes=WORST_FIRST,
            states=tuple(AddressState),
            packs=_packs(snapshot, [device.id for device in present], language),
            groups=finding_groups(snapshot, language),
            questions=open_questions(snapshot, language),
            resolved=sum(finding.state is FindingState.RESOLVED for finding in snapshot.findings),
            overdue=partial(is_overdue, snapshot=snapshot),
            support_plot=_support_plot(snapshot, language),
            class_plot=_class_plot(present, language),
            coverage_plot=_coverage_plot(snapshot, language),
            field_plot=_field_plot(present, language),
            device=devices.get,
            columns=_DEVICE_COLUMNS,
            devices=sorted(present, key=lambda device: device.id)[:MOST_ROWS],
            most_named=MOST_NAMED,
            left_out=max(len(present) - MOST_ROWS, 0),
            language=language,
            sheet={sheet.title.en: sheet for sheet in SHEETS},
            record_sheets=_RECORD_SHEETS,
        )
    )
    return page.encode("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("inventory.export"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    environment.filters["brief"] = _brief
    environment.tests["one_word"] = _one_word
    return environment


def _brief(value: object) -> object:
    """A text cell cut to what a table can hold; the workbook and JSON have it whole."""
    return visible(value, _BRIEF) if isinstance(value, str) else value


def _one_word(value: object) -> bool:
    """True for a cell that must not be broken: a date, an address, an id."""
    text = str(value)
    return isinstance(value, (str, date)) and len(text) <= (
        _LONGEST_WORD if text.isascii() else _LONGEST_WORD // 3
    )


def _style() -> str:
    return (resources.files("inventory.export") / "templates" / "report.css").read_text("utf-8")


def _packs(snapshot: Snapshot, present: Sequence[str], language: str) -> tuple[PackPosture, ...]:
    from inventory.export.plots import Band, stacked_bars

    by_pack: dict[tuple[str, date], list[ArticlePosture]] = defaultdict(list)
    for row in posture(snapshot.articles, snapshot.verdicts, present):
        by_pack[row.article.pack, row.article.edition].append(row)
    made = []
    for place, ((_pack, edition), rows) in enumerate(by_pack.items()):
        bands = [
            *(Band(str(o), label(o, language), [row.counts[o] for row in rows]) for o in WORST_FIRST),
            Band("not-judged", "", [row.not_judged for row in rows]),
        ]
        described = "; ".join(
            f"{article_name(row.article.number, language)}: "
            + ", ".join(f"{label(outcome, language)} {row.counts[outcome]}" for outcome in WORST_FIRST)
            for row in rows
        )
        names = [article_heading(row.article, language) for row in rows]
        drawn = Markup(stacked_bars(f"posture-{place}", names, bands, described))  # noqa: S704 - escaped there
        title = pack_title(rows[0].article, language)
        made.append(PackPosture(title, edition, tuple(rows), drawn))
    return tuple(made)


def _class_plot(present: Sequence[Device], language: str) -> Markup:
    from inventory.export.plots import plain_bars

    classes = Counter(device.device_class for device in present)
    ordered = sorted(classes.items(), key=lambda item: (-item[1], item[0]))
    names = [label(device_class, language) for device_class, _count in ordered]
    counts = [count for _device_class, count in ordered]
    described = ", ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))
    return Markup(plain_bars("classes", names, counts, described))  # noqa: S704 - escaped there


def _support_plot(snapshot: Snapshot, language: str) -> Markup:
    from inventory.export.plots import plain_bars

    ends = by_quarter(snapshot, language)
    described = ", ".join(f"{when} {count}" for when, count in ends)
    names, counts = [when for when, _count in ends], [count for _when, count in ends]
    return Markup(plain_bars("support", names, counts, described))  # noqa: S704 - escaped there


def _coverage_plot(snapshot: Snapshot, language: str) -> Markup:
    from inventory.export.plots import Band, stacked_bars

    segments = [record.segment for record in snapshot.coverage]
    bands = [
        Band(str(state), label(state, language), [segment.counts.get(state, 0) for segment in segments])
        for state in AddressState
    ]
    names = [f"{segment.segment} {segment.network}" for segment in segments]
    described = "; ".join(
        f"{name}: " + ", ".join(f"{label(s, language)} {segment.counts.get(s, 0)}" for s in AddressState)
        for name, segment in zip(names, segments, strict=True)
    )
    return Markup(stacked_bars("coverage", names, bands, described))  # noqa: S704 - escaped there


def _field_plot(present: Sequence[Device], language: str) -> Markup:
    from inventory.export.plots import Band, stacked_bars

    empty = Counter(key for device in present for key in empty_fields(device))
    bands = [
        Band("found", "", [len(present) - empty[key] for key in ARTICLE_22]),
        Band("not-reached", "", [empty[key] for key in ARTICLE_22]),
    ]
    names = [COLUMN[key].heading.within(language) for key in ARTICLE_22]
    described = ", ".join(f"{name} {empty[key]}" for name, key in zip(names, ARTICLE_22, strict=True))
    return Markup(stacked_bars("fields", names, bands, described))  # noqa: S704 - escaped there
