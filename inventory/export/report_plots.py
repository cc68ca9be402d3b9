"""The report's plots: what each counts, in which order and under which names; `plots` draws them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from inventory.export.columns import ARTICLE_22, COLUMN
from inventory.export.lifecycle import by_quarter
from inventory.export.plots import Band, plain_bars, stacked_bars
from inventory.export.replacement import replacement_quarters
from inventory.export.standing import standing
from inventory.export.wording import Term, article_heading, article_name, label, pack_title_with_edition
from inventory.snapshot.posture import ArticlePosture, posture
from inventory.snapshot.sketches import Sketch
from inventory.snapshot.value import Snapshot
from inventory.types import WORST_FIRST, AddressState

MOST_STANDINGS = 24  # two years of months


@dataclass(frozen=True, slots=True)
class PackPosture:
    """One pack in one edition: its articles' figures and their plot."""

    title: str
    rows: tuple[ArticlePosture, ...]
    plot: Markup


def packs(snapshot: Snapshot, language: str) -> tuple[PackPosture, ...]:
    """Each pack with its articles: devices by their worst outcome under each."""
    by_pack: dict[str, list[ArticlePosture]] = defaultdict(list)
    for row in posture(snapshot):
        by_pack[row.article.pack].append(row)
    made = []
    for place, rows in enumerate(by_pack.values()):
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
        drawn = _drawn(stacked_bars(f"posture-{place}", names, bands, described))
        title = pack_title_with_edition(rows[0].article, language)
        made.append(PackPosture(title, tuple(rows), drawn))
    return tuple(made)


def class_plot(present: Sequence[Sketch], language: str) -> Markup:
    """Devices by class, the commonest first."""
    classes = Counter(device.device_class for device in present)
    ordered = sorted(classes.items(), key=lambda item: (-item[1], item[0]))
    names = [label(device_class, language) for device_class, _count in ordered]
    counts = [count for _device_class, count in ordered]
    described = ", ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))
    return _drawn(plain_bars("classes", names, counts, described))


def support_plot(snapshot: Snapshot, language: str) -> Markup:
    """Devices by when their vendors' support ends."""
    ends = by_quarter(snapshot, language)
    described = ", ".join(f"{when} {count}" for when, count in ends)
    names, counts = [when for when, _count in ends], [count for _when, count in ends]
    return _drawn(plain_bars("support", names, counts, described))


def coverage_plot(snapshot: Snapshot, language: str) -> Markup:
    """Addresses of each network by where they stand."""
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
    return _drawn(stacked_bars("coverage", names, bands, described))


def field_plot(present: Sequence[Sketch], language: str) -> Markup:
    """Devices that have, and lack, each field of Article 22."""
    empty = Counter(key for device in present for key in device.empty)
    bands = [
        Band("found", "", [len(present) - empty[key] for key in ARTICLE_22]),
        Band("not-reached", "", [empty[key] for key in ARTICLE_22]),
    ]
    names = [COLUMN[key].heading.within(language) for key in ARTICLE_22]
    described = ", ".join(f"{name} {empty[key]}" for name, key in zip(names, ARTICLE_22, strict=True))
    return _drawn(stacked_bars("fields", names, bands, described))


def trend_plot(snapshot: Snapshot, language: str) -> Markup:
    """Devices by their worst verdict in each snapshot until this one, the oldest first."""
    stood = (*snapshot.trend, standing(snapshot))[-MOST_STANDINGS:]
    names = [one.label if one.label == str(one.on) else f"{one.label} ({one.on})" for one in stood]
    bands = [
        *(Band(str(o), label(o, language), [one.by_worst.get(o, 0) for one in stood]) for o in WORST_FIRST),
        Band("not-judged", "", [one.not_judged for one in stood]),
    ]
    described = "; ".join(
        f"{name}: " + ", ".join(f"{label(o, language)} {one.by_worst.get(o, 0)}" for o in WORST_FIRST)
        for name, one in zip(names, stood, strict=True)
    )
    return _drawn(stacked_bars("trend", names, bands, described))


def replacement_plot(snapshot: Snapshot, language: str) -> Markup:
    """Devices by the quarter in which they are, or should be, replaced."""
    quarters = replacement_quarters(snapshot, language)
    bands = [
        Band("bar", PLANNED.within(language), [one.planned for one in quarters]),
        Band("breach", UNPLANNED.within(language), [one.unplanned for one in quarters]),
    ]
    described = "; ".join(
        f"{one.name}: {PLANNED.within(language)} {one.planned}, {UNPLANNED.within(language)} {one.unplanned}"
        for one in quarters
    )
    return _drawn(stacked_bars("replacement", [one.name for one in quarters], bands, described))


def _drawn(svg: str) -> Markup:
    return Markup(svg)  # noqa: S704 - `plots` escapes every text in it


PLANNED = Term("in a replacement plan", "已列汰換計畫")
UNPLANNED = Term("support ends, in no plan", "支援終止而未列計畫")
