"""PAGES: the pages of the device card, each with its rows, what counts of them, its columns and its words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from inventory.language import N_, _
from inventory.types import VerdictOutcome
from tui import words
from tui.device_columns import (
    Moment,
    address_columns,
    fact_columns,
    history_columns,
    neighbour_columns,
    paper_columns,
    port_columns,
    value_columns,
    verdict_columns,
)
from tui.device_rows import (
    AttributeRow,
    Card,
    VerdictRow,
    attribute_rows,
    fact_rows,
    is_settled,
    neighbour_rows,
    papers,
    port_rows,
    verdict_rows,
)
from tui.widgets.columns import Column, nowhere
from tui.widgets.windowed_table import WindowedTable


@dataclass(frozen=True, slots=True)
class CardPage:
    """One page: its name in code, its title and words where it is empty (marked with `N_`).

    `count` is what the title tells of it, `key` names a row, `opens` says whether Enter leads on.
    """

    name: str
    title: str
    rows: Callable[[Card], Sequence[Any]]
    count: Callable[[Card], int]
    columns: Callable[[Moment], Sequence[Column[Any]]]
    key: Callable[[Any], str] = repr
    empty: str = N_("Nothing here.")
    opens: Callable[[Any], bool] = nowhere

    def label(self, card: Card | None) -> str:
        """Title and count."""
        if card is None:
            return _(self.title)
        sign = f"{words.symbol(VerdictOutcome.BREACH)} " if self.name == "verdicts" else ""
        return f"{_(self.title)} {sign}{self.count(card):,}"

    def table(self, moment: Moment) -> WindowedTable[Any]:
        """A table of its rows, empty yet."""
        return WindowedTable(
            self.columns(moment), self.key, empty=lambda: _(self.empty), opens=self.opens, id=self.name
        )


def _leads_on(_row: object) -> bool:
    return True


def _value_key(row: AttributeRow) -> str:
    return f"{row.attribute} {row.held.value if row.rival and row.held else ''}"


def _rule_of(row: VerdictRow) -> str:
    return f"{row.verdict.pack} {row.verdict.article} {row.verdict.rule}"


def _newest_first(card: Card) -> Sequence[Any]:
    return sorted(card.history, key=lambda change: change.at, reverse=True)


PAGES: tuple[CardPage, ...] = (
    CardPage(
        "values",
        N_("Values"),
        lambda card: attribute_rows(card.device),
        lambda card: len(card.device.attributes),
        value_columns,
        _value_key,
        opens=_leads_on,
    ),
    CardPage(
        "verdicts",
        N_("Verdicts"),
        lambda card: verdict_rows(card.verdicts, card.findings),
        lambda card: sum(verdict.outcome is VerdictOutcome.BREACH for verdict in card.verdicts),
        lambda _moment: verdict_columns(),
        _rule_of,
        N_("Nothing judged yet. 1 goes Home, and a judges."),
        _leads_on,
    ),
    CardPage(
        "papers",
        N_("Records"),
        papers,
        lambda card: sum(not is_settled(paper) for paper in papers(card)),
        lambda _moment: paper_columns(),
        empty=N_("No finding, exception, plan or signed answer is about this device."),
        opens=_leads_on,
    ),
    CardPage(
        "services",
        N_("Ports"),
        lambda card: port_rows(card.device),
        lambda card: len(card.device.services),
        port_columns,
        empty=N_("No open port was seen."),
    ),
    CardPage(
        "addresses",
        N_("Addresses"),
        lambda card: card.device.addresses,
        lambda card: len(card.device.addresses),
        address_columns,
    ),
    CardPage(
        "neighbours",
        N_("Neighbours"),
        neighbour_rows,
        lambda card: len(neighbour_rows(card)),
        neighbour_columns,
        empty=N_("Nothing is known of what is next to it: no switch told, and no LLDP or CDP was heard."),
    ),
    CardPage("history", N_("History"), _newest_first, lambda card: len(card.history), history_columns),
    CardPage(
        "evidence",
        N_("Evidence"),
        lambda card: fact_rows(card.observations),
        lambda card: sum(len(seen.facts) for seen in card.observations),
        fact_columns,
        empty=N_("No observation: this device was entered by hand."),
    ),
)
