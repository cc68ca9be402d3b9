"""The line under the cursor of the device card, in full sentences."""

from datetime import date

from rich.text import Text

from inventory.language import _
from inventory.types import DeviceChange
from tui import words
from tui.device_columns import neighbour_what, paper_by, paper_since, paper_state, paper_text
from tui.device_rows import AttributeRow, FactRow, NeighbourRow, Paper, PortRow, VerdictRow, until


def explained(row: object) -> Text:
    """The row in words; nothing for a row that says all by itself."""
    if isinstance(row, AttributeRow):
        return _value(row)
    if isinstance(row, VerdictRow):
        return _verdict(row)
    if isinstance(row, PortRow):
        return _port(row)
    if isinstance(row, Paper):
        return _paper(row)
    if isinstance(row, NeighbourRow):
        return _neighbour(row)
    if isinstance(row, DeviceChange):
        return _change(row)
    return _fact(row) if isinstance(row, FactRow) else Text("")


def _value(row: AttributeRow) -> Text:
    text = Text(f"{words.name(row.attribute)}: ", style="bold")
    if row.held is None:
        return text.append(_("nothing is known"), "not bold")
    text.append(words.value(row.attribute, row.held.value), "not bold")
    text.append("\n" + _("Source: {source}").format(source=words.source(row.held.source)), "not bold")
    if row.rival:
        text.append("\n" + _("This was seen too, and disagrees. a accepts it."), "not bold")
    elif row.held.locked:
        text.append("\n" + _("Entered by a person; no scan replaces it."), "not bold")
    elif row.held.disagreeing:
        text.append("\n" + _("Something else was seen too: see below."), "not bold")
    return text


def _verdict(row: VerdictRow) -> Text:
    verdict = row.verdict
    text = Text(f"{words.marked(verdict.outcome)} ", style="bold")
    article = words.article(f"{verdict.pack}/{verdict.article}")
    text.append(f"{article} {words.sign('·')} {words.printable(verdict.rule)}\n", "not bold")
    text.append(words.told(verdict.reason_en, verdict.reason_zh), "not bold")
    remedy = words.told(verdict.remedy_en, verdict.remedy_zh)
    if remedy and row.finding:
        text.append("\n" + _("What to do: "))
        text.append(remedy, "not bold")
    if verdict.because:
        text.append("\n" + _("Rests on: "))
        text.append(", ".join(dict.fromkeys(map(_place, verdict.because))), "not bold")
    return text


def _place(origin: str) -> str:
    from policies.explain import place_in_words  # all of the judge comes with it

    return words.told(*place_in_words(origin))


def _fact(row: FactRow) -> Text:
    seen = row.observation
    text = Text(f"{words.printable(row.fact.name)}: ", style="bold")
    text.append(words.printable(row.fact.value), "not bold")
    rests = _("asked by {probe} from {vantage}; digest of the reply {digest}")
    digest = seen.digest[:16] or words.sign("–")
    text.append(
        "\n" + rests.format(probe=seen.source, vantage=words.printable(seen.vantage), digest=digest),
        "not bold",
    )
    return text


def _change(row: DeviceChange) -> Text:
    before, after = (words.changed_value(row.what, held) for held in (row.before, row.after))
    text = Text(f"{words.changed(row.what)}: ", style="bold")
    return text.append(f"{before} {words.sign('→')} {after} ({words.source(row.source)})", "not bold")


def _port(row: PortRow) -> Text:
    text = Text(f"{row.key}: ", style="bold")
    if row.seen is None:
        text.append(_("declared, and no scan has seen it open"), "not bold")
    elif row.is_declared:
        text.append(_("seen open, and declared"), "not bold")
    elif row.said is not None:
        text.append(_("seen open, and not among the ports declared: close it, or declare it (e)"), "not bold")
    else:
        text.append(_("seen open; nobody has declared which ports this device needs (e)"), "not bold")
    if row.said is not None:
        said = _("Declared: {ports}, by {who}")
        ports, who = words.printable(row.said.value), words.source(row.said.source)
        text.append("\n" + said.format(ports=ports, who=who), "not bold")
    return text


def _paper(row: Paper) -> Text:
    text = Text(f"{paper_text(row)}\n", style="bold")
    text.append(f"{paper_state(row)}  {_span(paper_since(row), until(row))}", "not bold")
    return text.append(f"\n{words.printable(paper_by(row)) or words.sign('–')}", "not bold")


def _span(since: date | None, end: date | None) -> str:
    sides = [words.day(day) if day else words.sign("…") for day in (since, end)]
    return f" {words.sign('→')} ".join(sides)


def _neighbour(row: NeighbourRow) -> Text:
    text = Text(f"{neighbour_what(row)}: ", style="bold").append(words.printable(row.value), "not bold")
    return text.append("\n" + _("Source: {source}").format(source=words.source(row.source)), "not bold")
