"""The report for the regulator: one HTML page that opens without a network; the one home of jinja2.

The words stand in the template in both languages. Autoescape takes markup out of device texts, `visible`
takes out what hides or reorders, and a content security policy forbids whatever might be left.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache, partial
from importlib import resources
from itertools import islice

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from inventory.export import report_plots
from inventory.export.columns import COLUMN
from inventory.export.form import Form
from inventory.export.grouping import finding_groups, open_questions
from inventory.export.harmless import visible
from inventory.export.isolation_matrix import Apart, isolation_matrix
from inventory.export.record_rows import Row
from inventory.export.remarks import remarks
from inventory.export.sheets import SHEETS, Sheet
from inventory.export.standing import standing
from inventory.export.statement import coverage_statement, figures, is_overdue, judgement_statement
from inventory.export.wording import CHINESE, Term, article_heading, label
from inventory.snapshot.sketches import LISTED, listed, sketches
from inventory.snapshot.value import Snapshot
from inventory.types import WORST_FIRST, AddressState, FindingState

MOST_REASONS = 300  # rows of findings under one article
MOST_NAMED = 60  # devices named in one row of findings
MOST_ENDINGS = 200  # ends of support, the soonest first: the plots tell of all
MOST_ROWS = LISTED  # a longer table no browser prints and nobody reads; the workbook has every row

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


def form(snapshot: Snapshot, language: str) -> Form:
    """A self-contained UTF-8 page in `language`: styles and plots inline, no script, no outside resource."""
    return Form(_pieces(snapshot, language))


def _pieces(snapshot: Snapshot, language: str) -> Iterator[bytes | None]:
    yield None
    devices = sketches(snapshot)
    present = [device for device in devices.values() if device.present]
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
            packs=report_plots.packs(snapshot, language),
            groups=finding_groups(snapshot, language),
            questions=open_questions(snapshot, language),
            resolved=sum(finding.state is FindingState.RESOLVED for finding in snapshot.findings),
            overdue=partial(is_overdue, snapshot=snapshot),
            remarks=partial(remarks, snapshot),
            support_plot=report_plots.support_plot(snapshot, language),
            class_plot=report_plots.class_plot(present, language),
            coverage_plot=report_plots.coverage_plot(snapshot, language),
            trend_plot=report_plots.trend_plot(snapshot, language),
            trend=(*snapshot.trend, standing(snapshot))[-report_plots.MOST_STANDINGS :],
            replacement_plot=report_plots.replacement_plot(snapshot, language),
            replacement_legend=(
                ("bar", report_plots.PLANNED.within(language)),
                ("breach", report_plots.UNPLANNED.within(language)),
            ),
            matrix=isolation_matrix(snapshot, language),
            apart=tuple(Apart),
            field_plot=report_plots.field_plot(present, language),
            device=devices.get,
            columns=_DEVICE_COLUMNS,
            devices=listed(snapshot)[:MOST_ROWS],
            most_named=MOST_NAMED,
            most_reasons=MOST_REASONS,
            left_out=max(len(present) - MOST_ROWS, 0),
            language=language,
            cut=_cut,
            sheet={sheet.title.en: sheet for sheet in SHEETS},
            record_sheets=_RECORD_SHEETS,
        )
    )
    yield page.encode("utf-8")


def _cut(sheet: Sheet, snapshot: Snapshot, language: str) -> tuple[list[Row], int]:
    """What a page shows of a table, and how many rows it leaves out."""
    rows = iter(sheet.rows(snapshot, language) if sheet.rows else ())
    most = MOST_ENDINGS if sheet.title.en == "Lifecycle" else MOST_ROWS
    return list(islice(rows, most)), sum(1 for _row in rows)


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
    environment.filters["grouped"] = "{:,}".format
    environment.tests["one_word"] = _one_word
    environment.tests["link"] = lambda value: str(value).startswith("https://")
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
