"""The rows of each table that documents show, as plain values: workbook and report draw the same ones."""

from collections.abc import Iterator, Mapping

from inventory.coverage_words import details_of, reason_of
from inventory.export.columns import SEPARATOR, Column
from inventory.export.form import Batch
from inventory.export.lifecycle import support_ends
from inventory.export.record_rows import Row
from inventory.export.remarks import remarks
from inventory.export.statement import coverage_statement, is_overdue, judgement_statement
from inventory.export.wording import Term, article_name, label, pack_title
from inventory.language import speaking
from inventory.snapshot.posture import posture
from inventory.snapshot.sketches import sketches, told
from inventory.snapshot.value import Snapshot
from inventory.types import WORST_FIRST, AddressState

_ON_SCOPE = "21"


def summary_rows(snapshot: Snapshot, language: str) -> Iterator[Row]:
    """What the document rests on, line by line."""

    def say(en: str, zh: str) -> str:
        return Term(en, zh).within(language)

    yield say("Snapshot", "清冊快照"), snapshot.label
    yield say("As of", "基準日"), snapshot.on
    for sentence in coverage_statement(snapshot, language):
        yield say("Coverage", "盤點涵蓋範圍"), sentence
    for sentence in judgement_statement(snapshot, language):
        yield say("Judgement", "評估結果"), sentence
    if snapshot.previous:
        yield (
            say("Previous snapshot", "前次快照"),
            f"{snapshot.previous.label}  SHA-256 {snapshot.previous.digest}",
        )
    if snapshot.redacts:
        yield (
            say("Copy without personal names", "去識別化複本"),
            f"{snapshot.redacts.label}  SHA-256 {snapshot.redacts.digest}",
        )
    for name, version in sorted(snapshot.versions.items()):
        yield say("Version", "版本"), f"{name} {version}"
    yield say("Times", "時間"), say("All times are UTC.", "本檔時間均為世界協調時間（UTC）。")


def register_rows(
    batch: Batch, columns: tuple[Column, ...], rulings: Mapping[str, str], language: str
) -> Iterator[Row]:
    """One row for each device in these columns; its last cell is the ruling on its scope."""
    for device, cells in zip(batch.devices, batch.cells(columns), strict=True):
        shown = (column.said(cell, language) for column, cell in zip(columns, cells, strict=True))
        yield (*shown, rulings.get(device.id, ""))


def scope_rulings(snapshot: Snapshot, language: str) -> dict[str, str]:
    """What Article 21 of the edition in force says of each device: in scope or not, and why."""
    said = [verdict for verdict in snapshot.verdicts if verdict.article == _ON_SCOPE]
    newest = max((verdict.edition for verdict in said), default=None)
    return {
        device: Term(verdict.reason_en, verdict.reason_zh).within(language)
        for verdict in said
        if verdict.edition == newest
        for device in verdict.devices
    }


def posture_rows(snapshot: Snapshot, language: str) -> Iterator[Row]:
    """One row for each article with its counts of devices."""
    for row in posture(snapshot):
        article = row.article
        yield (
            pack_title(article, language),
            article.edition,
            article_name(article.number, language),
            Term(article.title_en, article.title_zh).within(language),
            label(article.level, language),
            *(row.counts[outcome] for outcome in WORST_FIRST),
            row.not_judged,
        )


def finding_rows(snapshot: Snapshot, language: str) -> Iterator[Row]:
    """One row for each finding, resolved ones included, by article."""
    devices = sketches(snapshot)
    order = {(article.pack, article.number): place for place, article in enumerate(snapshot.articles)}
    titles = {article.pack: pack_title(article, language) for article in snapshot.articles}
    for finding in sorted(
        snapshot.findings, key=lambda f: (order.get((f.pack, f.article), len(order)), f.device, f.rule)
    ):
        device = devices.get(finding.device)
        yield (
            article_name(finding.article, language),
            finding.device,
            device.label if device else "",
            device.owner if device else "",
            label(finding.severity, language),
            label(finding.state, language),
            Term(finding.reason_en, finding.reason_zh).within(language),
            Term(finding.remedy_en, finding.remedy_zh).within(language),
            finding.opened,
            finding.due,
            Term("overdue", "逾期").within(language) if is_overdue(finding, snapshot) else "",
            finding.assignee,
            remarks(snapshot, finding.id),
            finding.resolved,
            titles.get(finding.pack, finding.pack),
            finding.rule,
            finding.id,
        )


def lifecycle_rows(snapshot: Snapshot, language: str) -> Iterator[Row]:
    """One row for each device whose vendor's notices are on file, the soonest end of support first."""
    plans = {device: plan.id for plan in snapshot.plans for device in plan.devices}
    for ending in support_ends(snapshot):
        device, support = ending.device, ending.support
        yield (
            device.id,
            device.label,
            device.firmware,
            device.owner,
            ending.horizon.title.within(language),
            ending.on,
            told(support, language),
            plans.get(device.id, ""),
            SEPARATOR.join(support.evidence),
        )


def wireless_rows(snapshot: Snapshot, language: str) -> Iterator[Row]:
    """One row for each device that offers or uses a wireless network, as far as is known."""
    unknown = Term("not checked", "未檢測").within(language)
    for device in sketches(snapshot).values():
        if device.radio:
            result = device.wireless
            yield (
                device.id,
                device.label,
                label(device.device_class, language),
                device.ssid,
                label(result.outcome, language) if result else unknown,
                told(result, language) if result else "",
                device.segment,
                device.owner,
            )


def coverage_rows(snapshot: Snapshot, language: str) -> Iterator[Row]:
    """A row for each network in scope, for each address that needs a reason, and for what else is known."""
    for record in snapshot.coverage:
        segment = record.segment
        when = record.finished.date() if record.finished and not record.stopped else None
        head = (segment.site, segment.segment, segment.network)
        yield (
            *head,
            "",
            segment.addresses,
            *(segment.counts.get(state, 0) for state in AddressState),
            when,
            segment.method if when else Term("stopped before its end", "未執行完畢").within(language),
        )
        with speaking(language):
            reasons = [reason_of(one) for one in segment.unsettled]
        for one, reason in zip(segment.unsettled, reasons, strict=True):
            yield (*head, one.ip, 1, *(int(one.state == state) for state in AddressState), when, reason)
        with speaking(language):
            details = list(details_of(segment.network, segment.known)) if segment.known else []
        for line in details:
            yield (*head, "", None, *(None for _state in AddressState), when, line.strip())
    for scope in snapshot.never_scanned:
        never = Term("never scanned", "從未掃描").within(language)
        yield (
            scope.site,
            scope.segment,
            scope.network,
            "",
            None,
            *(None for _state in AddressState),
            None,
            never,
        )


def sign_off_rows(snapshot: Snapshot, language: str) -> Iterator[Row]:  # noqa: ARG001 - one shape for every sheet
    """Empty lines for those who sign."""
    for role in (
        Term("Manager of the equipment", "設備管理人員"),
        Term("Head of the unit", "單位主管"),
        Term("Information security officer", "資訊安全專責主管"),
        Term("Internal auditor", "內部稽核"),
    ):
        yield role.within(language), "", "", ""
