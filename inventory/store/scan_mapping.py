"""Scopes and scans, rows to typed values and back."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from inventory.store.mapping import Values, from_json, to_json
from inventory.types import (
    AddressState,
    Exemption,
    Known,
    ScanRun,
    Scope,
    SegmentCoverage,
    Touch,
    Unanswered,
    Unsettled,
    Why,
)


def scope_values(scope: Scope) -> Values:
    """What a scope's row says of it, but for who added it and when."""
    return {
        "network": scope.network,
        "site": scope.site,
        "segment": scope.segment,
        "touch": scope.touch.value,
        "caps_lifted": scope.caps_lifted,
        "do_not_probe": to_json(list(scope.do_not_probe)),
        "exemptions": to_json([one.texts() for one in scope.exemptions]),
        "reason": scope.reason,
    }


def scope_of(row: Row[Any]) -> Scope:
    """A scope row as a scope."""
    return Scope(
        network=row.network,
        site=row.site,
        segment=row.segment,
        touch=Touch(row.touch),
        caps_lifted=row.caps_lifted,
        do_not_probe=tuple(from_json(row.do_not_probe)),
        exemptions=tuple(Exemption.of_texts(one) for one in from_json(row.exemptions)),
        added_by=row.added_by,
        reason=row.reason,
    )


def run_values(run: ScanRun) -> Values:
    """A scan as its row."""
    return {
        "id": run.id,
        "vantage": run.vantage,
        "started": run.started,
        "finished": run.finished,
        "stopped": run.stopped,
        "profile": run.profile,
        "packets": to_json(dict(run.packets)),
        "coverage": to_json(
            [
                {
                    "site": part.site,
                    "segment": part.segment,
                    "network": part.network,
                    "addresses": part.addresses,
                    "counts": {state.value: count for state, count in part.counts.items()},
                    "method": part.method,
                    "unsettled": [[o.ip, o.state.value, o.reason, o.why.value] for o in part.unsettled],
                    "known": _known_values(part.known) if part.known else None,
                }
                for part in run.coverage
            ]
        ),
    }


def run_of(row: Row[Any]) -> ScanRun:
    """A run row as a scan."""
    return ScanRun(
        id=row.id,
        vantage=row.vantage,
        started=row.started,
        finished=row.finished,
        stopped=row.stopped,
        profile=row.profile,
        coverage=tuple(_coverage(part) for part in from_json(row.coverage)),
        packets=from_json(row.packets),
    )


def _coverage(part: Mapping[str, Any]) -> SegmentCoverage:
    return SegmentCoverage(
        site=part["site"],
        segment=part["segment"],
        network=part["network"],
        addresses=part["addresses"],
        counts={AddressState(state): count for state, count in part["counts"].items()},
        method=part["method"],
        unsettled=tuple(
            Unsettled(ip, AddressState(state), reason, *(Why(code) for code in why))
            for ip, state, reason, *why in part["unsettled"]
        ),
        known=_known(part["known"]) if part.get("known") else None,
    )


def _known_values(known: Known) -> dict[str, Any]:
    counts = (known.known, known.declared, known.leased, known.in_tables, known.answering)
    return {
        "counts": counts,
        "unanswered": [[one.ip, *one.known_by] for one in known.unanswered],
        "left_alone": known.left_alone,
        "exempt": [one.texts() for one in known.exempt],
    }


def _known(said: Mapping[str, Any]) -> Known:
    known, declared, leased, in_tables, answering = said["counts"]
    return Known(
        known,
        declared,
        leased,
        in_tables,
        answering,
        unanswered=tuple(Unanswered(ip, tuple(ways)) for ip, *ways in said["unanswered"]),
        left_alone=tuple(said["left_alone"]),
        exempt=tuple(Exemption.of_texts(one) for one in said["exempt"]),
    )
