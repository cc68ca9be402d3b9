"""The tables of judgement and of what people sign; `tables` has the plan of them all."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field

from inventory.store.columns import (
    Base,
    RowId,
    json_list,
    json_text,
    moment,
    moment_or_none,
    serial,
    where,
)


class ResultRow(Base, table=True):
    """One check's result on one device for as long as it stayed the same."""

    __tablename__ = "result"
    __table_args__ = (Index("result_of_device", "device", "latest"),)

    id: int | None = serial()
    device: str = Field(foreign_key="device.id")
    check: str
    outcome: str
    reason: str
    reason_zh: str
    facts: str = json_text()
    evidence: str = json_text()
    first_at: datetime = moment()
    at: datetime = moment()
    expires: datetime | None = moment_or_none()
    latest: bool


class AssessmentRow(Base, table=True):
    """One assessment; `basis` names the rules it was made by."""

    __tablename__ = "assessment"

    id: int | None = serial()
    judged_on: date
    saved_at: datetime = moment()
    basis: str = Field(default="", sa_column_kwargs={"server_default": ""})


class ArticleRow(Base, table=True):
    """An article as the pack showed it at one assessment."""

    __tablename__ = "article"

    assessment: int = Field(primary_key=True, foreign_key="assessment.id", sa_type=RowId)
    position: int = Field(primary_key=True)
    pack: str
    pack_title_en: str
    pack_title_zh: str
    edition: date
    number: str
    title_en: str
    title_zh: str
    summary_en: str
    summary_zh: str
    level: str
    cycle: str


class RulingRow(Base, table=True):
    """What one rule says of some facts, kept once for every device it says it of; `digest` is over it."""

    __tablename__ = "ruling"

    id: int | None = serial()
    digest: str = Field(unique=True)
    pack: str
    edition: date
    article: str
    rule: str
    outcome: str
    severity: str
    reason_en: str
    reason_zh: str
    because: str = json_text()
    remedy_en: str
    remedy_zh: str
    due_days: int


class JudgementRow(Base, table=True):
    """All that was said of a device at one time: the numbers of its rulings; `digest` is over them."""

    __tablename__ = "judgement"

    id: int | None = serial()
    digest: str = Field(unique=True)
    rulings: str = json_text()


class JudgedRow(Base, table=True):
    """The judgement on one device for as long as it stayed the same (`judged_to` None: it stands)."""

    __tablename__ = "judged"
    __table_args__ = (
        Index("judged_device", "device"),
        Index("judged_now", "device", "judgement", **where("judged_to IS NULL")),
    )

    id: int | None = serial()
    device: str = Field(foreign_key="device.id")
    judgement: int = Field(foreign_key="judgement.id", sa_type=RowId)
    judged_from: date
    judged_to: date | None = None


class UnjudgedRow(Base, table=True):
    """A device ("" = all) of which something was written since it was judged, and how often."""

    __tablename__ = "unjudged"

    device: str = Field(primary_key=True)
    times: int


class FindingRow(Base, table=True):
    """One finding, for its whole life."""

    __tablename__ = "finding"
    __table_args__ = (
        Index("finding_of_device", "device", "state"),
        Index("finding_state", "state", "article"),
        Index("finding_due", "state", "due"),
    )

    id: str = Field(primary_key=True)
    device: str = Field(foreign_key="device.id")
    pack: str
    article: str
    rule: str
    state: str
    severity: str
    opened: date
    last_judged: date
    due: date
    reason_en: str
    reason_zh: str
    remedy_en: str
    remedy_zh: str
    resolved: date | None = None
    assignee: str = Field(default="", sa_column_kwargs={"server_default": ""})


class CommentRow(Base, table=True):
    """What somebody said of a finding."""

    __tablename__ = "comment"
    __table_args__ = (Index("comment_on_finding", "finding"),)

    id: int | None = serial()
    finding: str
    at: datetime = moment()
    by: str
    text: str


class StandingRow(Base, table=True):
    """How many devices have this outcome, their gravest, under one article of the last assessment."""

    __tablename__ = "standing"

    assessment: int = Field(primary_key=True, foreign_key="assessment.id", sa_type=RowId)
    pack: str = Field(primary_key=True)
    article: str = Field(primary_key=True)
    outcome: str = Field(primary_key=True)
    devices: int


class AttestationRow(Base, table=True):
    """One recorded human answer."""

    __tablename__ = "attestation"

    id: str = Field(primary_key=True)
    article: str
    device: str = Field(index=True)
    answer: bool
    signer: str
    signed: date
    evidence: str
    next_due: date | None = None
    ticks: str = json_list()


class ExceptionRow(Base, table=True):
    """One exception."""

    __tablename__ = "exception"

    id: str = Field(primary_key=True)
    device: str = Field(foreign_key="device.id", index=True)
    articles: str = json_text()
    reason: str
    compensating_control: str
    approver: str
    start: date
    expiry: date
    plan: str
    cause: str = Field(default="", sa_column_kwargs={"server_default": ""})
    connection: str = Field(default="", sa_column_kwargs={"server_default": ""})


class PlanRow(Base, table=True):
    """One replacement plan."""

    __tablename__ = "plan"

    id: str = Field(primary_key=True)
    devices: str = json_text()
    reason: str
    successor: str
    due: date
    owner: str
    state: str
    budget: int | None = None
    steps: str = json_list()


class AuditRow(Base, table=True):
    """One human change; `digest` covers this row and the digest before it."""

    __tablename__ = "audit"

    number: int = Field(primary_key=True, sa_type=RowId)
    at: datetime = moment()
    by: str
    action: str
    subject: str
    detail: str = json_text()
    digest: str


class StepRow(Base, table=True):
    """One thing before and after one human change (see `inventory.store.steps`), for undoing it."""

    __tablename__ = "step"
    __table_args__ = (Index("step_of_entry", "entry"), Index("step_about", "subject"))

    id: int | None = serial()
    entry: int = Field(foreign_key="audit.number", sa_type=RowId)
    kind: str
    subject: str
    before: str = json_text()
    after: str = json_text()
