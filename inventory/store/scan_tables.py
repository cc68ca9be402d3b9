"""The tables of looking itself. Storage only, as `inventory.store.tables`.

scope        where we may look
run          one scan, with its coverage
login_try    append-only: which account was tried when, never with what password
"""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from inventory.store.columns import Base, json_text, moment, moment_or_none, serial


class ScopeRow(Base, table=True):
    """One network in scope."""

    __tablename__ = "scope"

    network: str = Field(primary_key=True)
    site: str
    segment: str
    touch: str
    caps_lifted: bool
    do_not_probe: str = json_text()
    exemptions: str = json_text()
    added_by: str
    added_at: datetime = moment()
    reason: str


class RunRow(Base, table=True):
    """One scan."""

    __tablename__ = "run"

    id: str = Field(primary_key=True)
    vantage: str
    started: datetime = moment(index=True)
    finished: datetime | None = moment_or_none()
    stopped: bool
    profile: str
    coverage: str = json_text()
    packets: str = json_text()


class LoginTryRow(Base, table=True):
    """One login that was tried; never with the password."""

    __tablename__ = "login_try"
    __table_args__ = (
        Index("login_try_of_device", "device", "account", "at"),
        Index("login_try_place", "site", "ip"),
        Index("login_try_mac", "mac"),
    )

    id: int | None = serial()
    device: str = Field(foreign_key="device.id")
    site: str
    ip: str
    mac: str
    protocol: str
    service: str
    account: str
    pair: str
    at: datetime = moment()
    outcome: str
