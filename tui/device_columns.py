"""The columns of the device card's tables; `moment` shows a time in the app's zone."""

from collections.abc import Callable, Sequence
from datetime import datetime

from inventory.language import N_
from inventory.types import Address, DeviceChange, Service
from tui import words
from tui.device_rows import AttributeRow, FactRow, VerdictRow
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
        Column("reason", N_("Reason"), reason, 20, stretch=1),
        Column("due", N_("Due"), lambda row: words.day(row.finding.due) if row.finding else "", 10),
        Column("rule", N_("Rule"), lambda row: row.verdict.rule, 24, rank=1),
    )  # fmt: skip


def service_columns(moment: Moment) -> Sequence[Column[Service]]:
    """Port and what speaks there."""
    return (
        Column("port", N_("Port"), lambda service: service.key, 10),
        Column("name", N_("Service"), lambda service: words.printable(service.name), 10),
        Column("product", N_("Product"), lambda service: words.printable(service.product), 14, stretch=2),
        Column("version", N_("Version"), lambda service: words.printable(service.version), 10, stretch=1),
        Column("first", N_("First seen"), lambda service: moment(service.first_seen), 16, rank=1),
        Column("last", N_("Last seen"), lambda service: moment(service.last_seen), 16),
    )


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
        Column("what", N_("What"), lambda change: words.changed(change.what), 17),
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


def _percent(row: AttributeRow) -> str:
    return f"{row.held.certainty:.0%}" if row.held else ""
