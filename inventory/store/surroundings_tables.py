"""The tables of what lies around devices. Storage only, as `inventory.store.tables`.

crossing           append-only: a way between segments as measured; `latest` marks what holds now
wireless_network   one row for each BSS and name, renewed whenever it is heard
"""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from inventory.store.columns import Base, json_text, moment, serial


class CrossingRow(Base, table=True):
    """One measured way between two segments."""

    __tablename__ = "crossing"
    __table_args__ = (Index("crossing_way", "site", "source", "target", "service", "family", "ip"),)

    id: int | None = serial()
    site: str
    source: str
    target: str
    service: str
    family: int
    ip: str
    state: str
    at: datetime = moment()
    vantage: str
    reason: str
    latest: bool


class WirelessNetworkRow(Base, table=True):
    """One BSS under one name."""

    __tablename__ = "wireless_network"

    site: str = Field(primary_key=True)
    bssid: str = Field(primary_key=True)
    ssid: str = Field(primary_key=True)
    segment: str
    device: str = Field(index=True)
    vlan: str
    security: str
    weak: str = json_text()
    detail: str = json_text()
    stations: str = json_text()
    source: str
    first_at: datetime = moment()
    last_at: datetime = moment()
