"""The columns of the device card's tables; `moment` shows a time in the app's zone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from inventory.facts import neighbour_called
from inventory.language import N_, _
from inventory.questions import question_of
from inventory.records import PLAN_STATES
from inventory.types import (
    CONFIRMATION,
    Address,
    Attestation,
    DeviceChange,
    DeviceStatus,
    ExceptionRecord,
    Finding,
    ReplacementPlan,
)
from tui import words
from tui.device_rows import AttributeRow, FactRow, NeighbourRow, Paper, PortRow, VerdictRow, until
from tui.widgets.columns import Column

Moment = Callable[[datetime], str]


def value_columns(moment: Moment) -> Sequence[Column[AttributeRow]]:
    """Attribute, value, and where it came from; a rival value stands below with `≠`."""

    def name(row: AttributeRow) -> str:
        return f"  {words.sign('≠')}" if row.rival else words.name(row.attribute)

    def value(row: AttributeRow) -> str:
        return (
            words.value(row.attribute, row.held.value) if row.held else f"{words.sign('–')} {words.missing()}"
        )

    def tone(row: AttributeRow) -> str:
        return "warn" if row.held is None or row.rival else ""

    return (
        Column("attribute", N_("Attribute"), name, 17),
        Column("value", N_("Value"), value, 18, stretch=3, tone=tone),
        Column(
            "source",
            N_("Source"),
            lambda row: words.source(row.held.source) if row.held else "",
            15,
            stretch=2,
        ),
        Column("at", N_("When"), lambda row: moment(row.held.at) if row.held else "", 16),
        Column("certainty", N_("Sure"), _percent, 5, right=True),
    )


def verdict_columns() -> Sequence[Column[VerdictRow]]:
    """Outcome, article and the reason; due where a finding follows."""

    def reason(row: VerdictRow) -> str:
        return words.told(row.verdict.reason_en, row.verdict.reason_zh)

    return (
        Column(
            "outcome", N_("Verdict"), lambda row: words.marked(row.verdict.outcome), 16,
            tone=lambda row: words.tone(row.verdict.outcome),
        ),
        Column("article", N_("Article"), lambda row: row.verdict.article, 8),
        Column("reason", N_("Reason"), reason, 20, ideal=50, stretch=1),
        Column("due", N_("Due"), lambda row: words.day(row.finding.due) if row.finding else "", 10),
        Column("rule", N_("Rule"), lambda row: row.verdict.rule, 24, rank=1),
    )  # fmt: skip


def port_columns(moment: Moment) -> Sequence[Column[PortRow]]:
    """Port, whether it was declared and seen, what speaks there, on whose word and when."""

    def product(row: PortRow) -> str:
        return words.printable(f"{row.seen.product} {row.seen.version}".strip()) if row.seen else ""

    return (
        Column("port", N_("Port"), lambda row: row.key, 9),
        Column("declared", N_("Declared"), _declared, 16, tone=_declared_tone),
        Column("name", N_("Service"), lambda row: words.printable(row.seen.name) if row.seen else "", 10),
        Column("product", N_("Product"), product, 10, ideal=24, stretch=1),
        Column("last", N_("Last seen"), lambda row: moment(row.seen.last_seen) if row.seen else "", 16),
        Column("by", N_("Declared by"), _said_by, 11),
        Column(
            "on",
            N_("When"),
            lambda row: moment(row.said.at) if row.is_declared and row.said else "",
            16,
            rank=1,
        ),
        Column(
            "first", N_("First seen"), lambda row: moment(row.seen.first_seen) if row.seen else "", 16, rank=2
        ),
    )


def paper_columns() -> Sequence[Column[Paper]]:
    """What kind of paper, what it says, how it stands, since when and until when, on whose word."""

    def day(on: date | None) -> str:
        return words.day(on) if on else words.sign("–")

    return (
        Column("kind", N_("Record"), lambda paper: _(_KINDS[type(paper)]), 11),
        Column("what", N_("What"), paper_text, 14, stretch=3),
        Column("state", N_("State"), paper_state, 12),
        Column("since", N_("Since"), lambda paper: day(paper_since(paper)), 10),
        Column("until", N_("Until"), lambda paper: day(until(paper)), 10),
        Column(
            "by", N_("By"), lambda paper: words.printable(paper_by(paper)) or words.sign("–"), 10, stretch=1
        ),
    )


def neighbour_columns(moment: Moment) -> Sequence[Column[NeighbourRow]]:
    """What is next to it, who says so and when."""
    return (
        Column("what", N_("What"), neighbour_what, 17),
        Column("value", N_("Value"), lambda row: words.printable(row.value), 20, stretch=3),
        Column("source", N_("Source"), lambda row: words.source(row.source), 16, stretch=1),
        Column("at", N_("When"), lambda row: moment(row.at), 16),
    )


def neighbour_what(row: NeighbourRow) -> str:
    """What is told of the neighbour: words of ours, or what a neighbour's own protocol calls it."""
    return words.printable(_(neighbour_called(row.what)))


def address_columns(moment: Moment) -> Sequence[Column[Address]]:
    """Where it answered."""
    return (
        Column("ip", N_("Address"), lambda address: address.ip, 15, stretch=1),
        Column("mac", N_("MAC address"), lambda address: address.mac or words.sign("–"), 17),
        Column("site", N_("Site"), lambda address: words.printable(address.site), 10),
        Column("segment", N_("Segment"), lambda address: words.printable(address.segment), 12),
        Column("first", N_("First seen"), lambda address: moment(address.first_seen), 16, rank=1),
        Column("last", N_("Last seen"), lambda address: moment(address.last_seen), 16),
    )


def history_columns(moment: Moment) -> Sequence[Column[DeviceChange]]:
    """What changed, newest first."""
    return (
        Column("at", N_("When"), lambda change: moment(change.at), 16),
        Column("what", N_("What"), lambda change: words.changed(change.what), 21),
        Column(
            "before",
            N_("Before"),
            lambda change: words.changed_value(change.what, change.before),
            12,
            stretch=1,
        ),
        Column(
            "after", N_("After"), lambda change: words.changed_value(change.what, change.after), 12, stretch=1
        ),
        Column("source", N_("Source"), lambda change: words.source(change.source), 18),
    )


def fact_columns(moment: Moment) -> Sequence[Column[FactRow]]:
    """What the device itself said, newest first."""
    return (
        Column("at", N_("When"), lambda row: moment(row.observation.at), 16),
        Column("source", N_("Probe"), lambda row: row.observation.source, 8),
        Column("service", N_("Port"), lambda row: row.observation.service or words.sign("–"), 9),
        Column("name", N_("Fact"), lambda row: words.printable(row.fact.name), 16, stretch=1),
        Column("value", N_("Value"), lambda row: words.printable(row.fact.value), 20, stretch=3),
    )


def paper_text(paper: Paper) -> str:
    """What it is about, in one line."""
    if isinstance(paper, Finding):
        said = f"{paper.article}: {words.told(paper.reason_en, paper.reason_zh)}"
    elif isinstance(paper, ExceptionRecord):
        said = f"{paper.id} ({', '.join(paper.articles)}): {paper.reason}"
    elif isinstance(paper, ReplacementPlan):
        said = f"{paper.id}: {paper.reason} {words.sign('→')} {paper.successor}"
    else:
        said = f"{words.article(paper.article)}: {_answered(paper)}"
    return words.printable(said)


def _answered(paper: Attestation) -> str:
    if paper.id.startswith(CONFIRMATION):
        return words.name(DeviceStatus.CONFIRMED)
    question = question_of(paper.article)
    return " ".join(part for part in (question.words if question else "", paper.evidence) if part)


def paper_state(paper: Paper) -> str:
    """How it stands."""
    if isinstance(paper, Finding):
        return words.marked(paper.state)
    if isinstance(paper, ReplacementPlan):
        return _(PLAN_STATES.get(paper.state, paper.state))
    if isinstance(paper, Attestation):
        return _("yes") if paper.answer else _("no")
    return words.sign("⊘")


def paper_since(paper: Paper) -> date | None:
    """The day it began; a plan has none."""
    if isinstance(paper, Finding):
        return paper.opened
    if isinstance(paper, ExceptionRecord):
        return paper.start
    return paper.signed if isinstance(paper, Attestation) else None


def paper_by(paper: Paper) -> str:
    """Who sees to it, approved it, owns it or signed it."""
    if isinstance(paper, Finding):
        return paper.assignee
    if isinstance(paper, ExceptionRecord):
        return paper.approver
    return paper.owner if isinstance(paper, ReplacementPlan) else paper.signer


_KINDS: Mapping[type, str] = {
    Finding: N_("Finding"),
    ExceptionRecord: N_("Exception"),
    ReplacementPlan: N_("Plan"),
    Attestation: N_("Signed answer"),
}


def _declared(row: PortRow) -> str:
    """Never by colour alone; where nobody declared any port nothing can be wrong yet, nor right."""
    if row.seen is None:
        return words.sign("–") + " " + _("not seen")
    if row.is_declared:
        return words.sign("✔") + " " + _("declared")
    return (words.sign("✘") if row.said else "?") + " " + _("not declared")


def _declared_tone(row: PortRow) -> str:
    if row.seen is None:
        return "quiet"
    return "good" if row.is_declared else "bad" if row.said else "warn"


def _said_by(row: PortRow) -> str:
    return words.source(row.said.source) if row.is_declared and row.said else ""


def _percent(row: AttributeRow) -> str:
    return f"{row.held.certainty:.0%}" if row.held else ""
