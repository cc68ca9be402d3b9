"""What is to be done as an OSCAL plan of action and milestones: an item, a risk and an observation for each
thing that is wrong in the same way until the same day, with the devices it is wrong on.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from inventory.export.columns import columns_of, timestamp
from inventory.export.form import Form
from inventory.export.grouping import SharedFinding, finding_groups
from inventory.export.oscal import (
    DEVICES,
    Many,
    Node,
    control_id,
    document,
    identity,
    in_language,
    items,
    metadata,
    moment,
    plain,
    properties,
    prose,
    subjects,
)
from inventory.export.record_rows import slips
from inventory.export.remarks import comments_on
from inventory.export.wording import Term
from inventory.snapshot.sketches import device_ids, own_fields
from inventory.snapshot.value import Snapshot
from inventory.types import (
    Comment,
    ExceptionRecord,
    ExceptionState,
    Finding,
    FindingState,
    ReplacementPlan,
    standing,
)


@dataclass(frozen=True, slots=True)
class _Item:
    """One shared finding under its article's heading, with what people recorded about its devices."""

    heading: str
    shared: SharedFinding
    exceptions: tuple[ExceptionRecord, ...]
    plans: tuple[ReplacementPlan, ...]
    comments: tuple[Comment, ...]

    @property
    def finding(self) -> Finding:
        return self.shared.finding

    def id(self, kind: str) -> str:
        return identity(kind, self.finding.id, *self.shared.devices)


def form(snapshot: Snapshot, language: str) -> Form:
    """UTF-8 JSON of the plan-of-action-and-milestones model; texts in `language`."""
    found = list(_items(snapshot, language))
    columns = columns_of(own_fields(snapshot))
    named = {device for item in found for device in item.shared.devices}
    return document(
        "plan-of-action-and-milestones",
        {
            "uuid": identity("poam", snapshot.label, snapshot.on, language),
            "metadata": metadata(snapshot, plain(f"{_TITLE.within(language)} {snapshot.label}")),
            "system-id": {"identifier-type": "http://ietf.org/rfc/rfc4122", "id": identity("register")},
            **({"local-definitions": {"inventory-items": DEVICES}} if named & device_ids(snapshot) else {}),
            **({"observations": Many(_observation(item, language) for item in found)} if found else {}),
            **({"risks": Many(_risk(item, language) for item in found)} if found else {}),
            "poam-items": Many([_poam_item(item, language) for item in found] or [_nothing(language)]),
        },
        lambda batch: items(batch, columns, named),
    )


def _items(snapshot: Snapshot, language: str) -> Iterable[_Item]:
    said = comments_on(snapshot)
    for group in finding_groups(snapshot, language):
        for shared in group.rows:
            devices, number = set(shared.devices), shared.finding.article
            exceptions = tuple(
                record
                for record in snapshot.exceptions
                if record.device in devices
                and any(named.rpartition("/")[2] == number for named in record.articles)
                and standing(record, snapshot.plans, snapshot.on).state is ExceptionState.IN_FORCE
            )
            plans = tuple(plan for plan in snapshot.plans if devices & set(plan.devices))
            comments = tuple(comment for finding in shared.alike for comment in said.get(finding.id, ()))
            yield _Item(group.heading, shared, exceptions, plans, comments)


def _observation(item: _Item, language: str) -> Node:
    return {
        "uuid": item.id("observation"),
        "description": _reason(item, language),
        "methods": ["TEST"],
        "types": ["finding"],
        "subjects": subjects(item.shared.devices),
        "collected": moment(item.finding.last_judged),
    }


def _risk(item: _Item, language: str) -> Node:
    finding = item.finding
    remedy = in_language(language, finding.remedy_en, finding.remedy_zh)
    factors = [
        {
            "uuid": identity("mitigation", item.id("risk"), record.id),
            "description": prose(record.compensating_control or record.reason),
            "props": properties(
                ("exception", record.id),
                ("expiry", str(record.expiry)),
                ("cause", record.cause),
                ("connection", record.connection),
            ),
            "subjects": subjects([record.device]),
        }
        for record in item.exceptions
    ]
    remedies = [
        *([_response(item, "recommendation", remedy, language)] if remedy else []),
        *(_planned(item, plan, language) for plan in item.plans),
    ]
    return {
        "uuid": item.id("risk"),
        "title": plain(item.heading),
        "description": _reason(item, language),
        "statement": _reason(item, language),
        "props": properties(("severity", str(finding.severity)), ("state", str(finding.state))),
        "status": _STATUS[finding.state],
        **({"mitigating-factors": factors} if factors else {}),
        "deadline": moment(finding.due),
        **({"remediations": remedies} if remedies else {}),
        **({"risk-log": {"entries": [_said(comment) for comment in item.comments]}} if item.comments else {}),
        "related-observations": [{"observation-uuid": item.id("observation")}],
    }


def _said(comment: Comment) -> Node:
    return {
        "uuid": identity("comment", comment.finding, comment.at, comment.by, comment.text),
        "title": plain(comment.by) or "-",
        "description": prose(comment.text),
        "start": timestamp(comment.at),
    }


def _response(item: _Item, lifecycle: str, text: str, language: str) -> Node:
    return {
        "uuid": identity("response", item.id("risk"), lifecycle),
        "lifecycle": lifecycle,
        "title": _REMEDY.within(language),
        "description": prose(text),
    }


def _planned(item: _Item, plan: ReplacementPlan, language: str) -> Node:
    title = plain(f"{_REPLACE.within(language)} {plan.id}")
    return {
        "uuid": identity("plan", item.id("risk"), plan.id),
        "lifecycle": "planned",
        "title": title,
        "description": prose(f"{plan.reason}; {plan.successor}" if plan.successor else plan.reason),
        "props": properties(
            ("state", plan.state),
            ("owner", plan.owner),
            ("budget-twd", "" if plan.budget is None else str(plan.budget)),
            *(("slip", slip) for slip in slips(plan)),
        ),
        "tasks": [
            {
                "uuid": identity("task", item.id("risk"), plan.id),
                "type": "milestone",
                "title": title,
                "timing": {"on-date": {"date": moment(plan.due)}},
            }
        ],
    }


def _poam_item(item: _Item, language: str) -> Node:
    finding = item.finding
    return {
        "uuid": item.id("item"),
        "title": plain(item.heading),
        "description": _reason(item, language),
        "props": properties(
            ("control-id", control_id(finding.pack, finding.article)),
            ("rule", finding.rule),
            ("severity", str(finding.severity)),
            ("state", str(finding.state)),
            ("opened", str(finding.opened)),
            ("due", str(finding.due)),
            ("devices", str(len(item.shared.devices))),
            *(("assignee", person) for person in _assignees(item)),
        ),
        "related-observations": [{"observation-uuid": item.id("observation")}],
        "related-risks": [{"risk-uuid": item.id("risk")}],
    }


def _assignees(item: _Item) -> list[str]:
    return sorted({finding.assignee for finding in item.shared.alike} - {""})


def _nothing(language: str) -> Node:
    """OSCAL wants at least one item; this one says that there is nothing to do."""
    text = _NOTHING.within(language)
    return {"uuid": identity("nothing"), "title": text, "description": text}


def _reason(item: _Item, language: str) -> str:
    return prose(in_language(language, item.finding.reason_en, item.finding.reason_zh))


_STATUS = {
    FindingState.OPEN: "open",
    FindingState.CONTINUING: "open",
    FindingState.EXCEPTED: "deviation-approved",
    FindingState.RESOLVED: "closed",
}
_TITLE = Term("Plan of action: networked devices", "物聯網及辦公室自動化設備改善計畫")
_REMEDY = Term("What to do", "改善建議")
_REPLACE = Term("Replacement plan", "汰換計畫")
_NOTHING = Term("No open findings.", "無待改善事項。")
