"""What page one must say: how many devices, how far the look reached, what nobody may conclude from it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from inventory.export.wording import CHINESE, Term, label, pack_title_with_edition
from inventory.snapshot.posture import devices_with
from inventory.snapshot.sketches import present_ids, sketches
from inventory.snapshot.value import Snapshot, once
from inventory.types import AddressState, Finding, FindingState, VerdictOutcome

LIVE = (FindingState.OPEN, FindingState.CONTINUING)


@dataclass(frozen=True, slots=True)
class Figures:
    """The counts page one shows; devices are those not retired, addresses those of every network in scope."""

    devices: int
    without_address: int
    breaching: int
    undetermined: int
    live: int
    overdue: int
    networks: int
    addresses: int
    by_state: dict[AddressState, int]

    @property
    def unsettled(self) -> int:
        """Addresses of which nobody may say that nothing is there."""
        return sum(self.by_state[state] for state in UNSETTLED)


UNSETTLED = (AddressState.UNREACHABLE, AddressState.REFUSED, AddressState.NOT_REACHED)


@once
def figures(snapshot: Snapshot) -> Figures:
    """Counts the snapshot; a device in breach of one article and undetermined under another is in both."""
    present = present_ids(snapshot)
    with_outcome = devices_with(snapshot)
    states: Counter[AddressState] = Counter()
    for record in snapshot.coverage:
        states.update(record.segment.counts)
    live = [finding for finding in snapshot.findings if finding.state in LIVE]
    return Figures(
        devices=len(present),
        without_address=sum(one.present and not one.addressed for one in sketches(snapshot).values()),
        breaching=len(with_outcome[VerdictOutcome.BREACH] & present),
        undetermined=len(with_outcome[VerdictOutcome.UNDETERMINED] & present),
        live=len(live),
        overdue=sum(1 for finding in live if is_overdue(finding, snapshot)),
        networks=len(snapshot.coverage) + len(snapshot.never_scanned),
        addresses=sum(record.segment.addresses for record in snapshot.coverage),
        by_state={state: states[state] for state in AddressState},
    )


def is_overdue(finding: Finding, snapshot: Snapshot) -> bool:
    """True for a live finding whose due day lies before the snapshot's day."""
    return finding.state in LIVE and finding.due < snapshot.on


def coverage_statement(snapshot: Snapshot, language: str) -> tuple[str, ...]:
    """The sentences on how far the look reached, each a caution where one is due."""
    counted = figures(snapshot)
    said = [
        _REACHED.within(language).format(
            networks=counted.networks,
            addresses=counted.addresses,
            found=counted.by_state[AddressState.FOUND],
            silent=counted.by_state[AddressState.SILENT],
            unsettled=counted.unsettled,
        )
    ]
    if not snapshot.coverage:
        said = [(_NO_LOOK if snapshot.scopes else _NO_COVERAGE).within(language)]
    if counted.unsettled:
        parts = [
            f"{label(state, language)} {counted.by_state[state]:,}"
            for state in UNSETTLED
            if counted.by_state[state]
        ]
        said.append(_UNSETTLED.within(language).format(parts=_listed(parts, language)))
    known = [record.segment.known for record in snapshot.coverage if record.segment.known]
    if known:
        said.append(
            _KNOWN.within(language).format(
                known=sum(one.known for one in known),
                declared=sum(one.declared for one in known),
                leased=sum(one.leased for one in known),
                tables=sum(one.in_tables for one in known),
                silent=sum(len(one.unanswered) for one in known),
            )
        )
    if snapshot.never_scanned:
        names = [f"{scope.segment} {scope.network}" for scope in snapshot.never_scanned]
        said.append(_NEVER.within(language).format(names=_listed(names, language)))
    cut = [
        record.segment.segment for record in snapshot.coverage if record.stopped or record.finished is None
    ]
    if cut:
        said.append(_CUT_SHORT.within(language).format(names=_listed(cut, language)))
    if snapshot.awaiting_review:
        said.append(_REVIEW.within(language).format(count=snapshot.awaiting_review))
    said.append(_SILENCE.within(language).format(count=counted.without_address))
    return tuple(said)


def judgement_statement(snapshot: Snapshot, language: str) -> tuple[str, ...]:
    """The sentences on what was judged, when, by which editions, and how it came out."""
    if snapshot.assessed_on is None:
        return (_NOT_ASSESSED.within(language),)
    counted = figures(snapshot)
    packs = dict.fromkeys(pack_title_with_edition(article, language) for article in snapshot.articles)
    said = [
        _JUDGED.within(language).format(
            on=snapshot.assessed_on, packs=Term("; ", "；").within(language).join(packs)
        ),
        _OUTCOME.within(language).format(
            devices=counted.devices,
            breaching=counted.breaching,
            undetermined=counted.undetermined,
            live=counted.live,
            overdue=counted.overdue,
        ),
    ]
    newer = [r.finished for r in snapshot.coverage if r.finished and r.finished.date() > snapshot.assessed_on]
    if newer:
        said.append(_STALE.within(language).format(scan=max(newer).date(), on=snapshot.assessed_on))
    return tuple(said)


def _listed(parts: Sequence[str], language: str) -> str:
    return ("、" if language == CHINESE else ", ").join(dict.fromkeys(parts))


_REACHED = Term(
    "Networks in scope: {networks:,}. Of the {addresses:,} addresses looked at, {found:,} answered, "
    "{silent:,} stayed silent and {unsettled:,} are not settled.",
    "納入盤點之網路共 {networks:,} 個；已盤點之 {addresses:,} 個位址中，"
    "{found:,} 個有設備回應，{silent:,} 個無回應，{unsettled:,} 個未能確認。",
)
_NO_LOOK = Term(
    "No network in scope has been scanned. This register holds only what people entered.",
    "納管網路均尚未掃描；本清冊僅含人工登錄之資料。",
)
_NO_COVERAGE = Term(
    "This document lists devices; which networks were looked at is not part of it.",
    "本文件僅列出設備，不含各網路之盤點涵蓋範圍。",
)
_UNSETTLED = Term(
    "Not settled means that nobody may say nothing is there: {parts}. The reasons are listed under Coverage.",
    "「未能確認」表示不得認定該處沒有設備：{parts}。各項原因列於「盤點涵蓋範圍」。",
)
_KNOWN = Term(
    "Known in these networks: {known:,} addresses, of them {declared:,} declared by a person, {leased:,} "
    "leased and {tables:,} in tables of network gear. Known and not answering: {silent:,}, listed under "
    "Coverage.",
    "各網路已知位址 {known:,} 個，其中人員登錄 {declared:,} 個、DHCP 租用 {leased:,} 個、"
    "網路設備表列 {tables:,} 個；{silent:,} 個已知位址未回應，列於「盤點涵蓋範圍」。",
)
_NEVER = Term(
    "These networks are in scope and were never scanned: {names}.",
    "下列網路已納入範圍但從未掃描：{names}。",
)
_CUT_SHORT = Term(
    "The latest scan of these segments was stopped before its end: {names}.",
    "下列網段最近一次掃描未執行完畢：{names}。",
)
_REVIEW = Term(
    "Pairs of records that may be one device and wait for a person: {count:,}.",
    "另有 {count:,} 組紀錄可能為同一部設備，待人工確認。",
)
_SILENCE = Term(
    "Silence is not absence: a sensor that answers nothing is in this register only if somebody entered it "
    "(devices without a network address: {count:,}).",
    "無回應不等於沒有設備：不回應任何探測的感測器，須由人員登錄方列入本清冊"
    "（無網路位址之設備 {count:,} 部）。",
)
_NOT_ASSESSED = Term("No judgement is part of this document.", "本文件不含評估結果。")
_JUDGED = Term("Judged on {on} under: {packs}.", "評估基準日 {on}，依據：{packs}。")
_OUTCOME = Term(
    "Devices: {devices:,}. In breach of at least one article: {breaching:,}. Undetermined under at least one "
    "article, for want of evidence: {undetermined:,}. Open findings: {live:,}, of them overdue: {overdue:,}.",
    "列管設備 {devices:,} 部，其中 {breaching:,} 部至少一條不符合，"
    "{undetermined:,} 部因佐證不足而至少一條無法判定（兩者可能重複）。"
    "待改善事項 {live:,} 件，其中 {overdue:,} 件已逾期。",
)
_STALE = Term(
    "The scan of {scan} is newer than this judgement of {on}: its evidence is not judged here.",
    "{scan} 之掃描晚於本次評估（{on}），其結果尚未納入評估。",
)
