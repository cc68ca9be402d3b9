"""The tables. Storage only: `inventory.store.mapping` turns rows into typed values and back.

    scope, run                where we may look, and each scan: see `scan_tables`
    device ─┬─ value          attribute values as intervals: valid_from … valid_to (None = now)
            ├─ basis          the claims the current values rest on, as JSON
            ├─ address        site-scoped, intervals
            ├─ service        intervals
            ├─ identifier     what tells it apart, indexed by value
            ├─ observation    append-only; equal consecutive facts widen first_at … last_at
            ├─ login_try      append-only: see `scan_tables`
            ├─ change         append-only: one line for each thing that changed
            └─ result         check results, as intervals
    ambiguity                 two records that may be one; waits for a person
    joined                    which record was absorbed by which, when and why
    assessment ─┬─ article    what was judged, as the packs said it on that day
                └─ standing   how many devices stand how under each
    judged ─── judgement ─── ruling      as intervals judged_from … judged_to; what is said alike once
    unjudged                  devices of which something was written since they were judged
    finding                   one row for its whole life
    attestation, exception, plan
    owner, place, supplier, contract    as intervals, by name
    crossing, wireless_network           what lies around: see `surroundings_tables`
    audit ─── step            append-only, hash-chained: every human change; what it did, for undoing it

`device` is also the head row: it repeats the current values that pages filter and sort by, and when support
ends as the firmware check saw it. Lists and mappings are JSON text. The tables of judgement and of people's
records are in `judged_tables`. `sqlmodel` cannot read postponed annotations, so these modules have none.
"""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from inventory.store.columns import Base, json_text, moment, moment_or_none, serial, where

SORTED_AND_FILTERED = (
    "status",
    "site",
    "segment",
    "first_seen",
    "last_seen",
    "mac",
    "device_class",
    "model",
    "firmware",
    "serial",
    "hostname",
    "os",
    "connection_method",
    "switch_port",
    "vlan",
    "ssid",
    "owner",
    "location",
    "purpose",
    "in_scope",
    "asset_tag",
    "supplier",
    "contract",
    "network_zone",
    "ports",
    "support_ends",
)
"""Columns of the head row with an index of their own, which ends in the list's usual order: by address."""
TELLS_STATUS = "what IN ('status', 'device')"  # of changes


_LIVE = where("absorbed_by IS NULL")


class DeviceRow(Base, table=True):
    """The head of a device: its standing, and the current values that pages filter and sort by."""

    __tablename__ = "device"
    __table_args__ = (
        Index("device_ip", "ip_key", "id", **_LIVE),
        *(Index(f"device_{name}", name, "ip_key", "id", **_LIVE) for name in SORTED_AND_FILTERED),
        Index("device_make", "vendor", "model", "ip_key", "id", **_LIVE),
        Index("device_id", "id", "first_seen", **_LIVE),
        Index("device_several", "id", **where("several AND absorbed_by IS NULL")),
        Index("device_search", "search", "id", **_LIVE).ddl_if(dialect="sqlite"),
        Index("device_absorbed", "absorbed_by", **where("absorbed_by IS NOT NULL")),
    )

    id: str = Field(primary_key=True)
    standing: str
    unseen: bool
    status: str
    absorbed_by: str | None = None
    revision: int
    site: str
    segment: str
    first_seen: datetime = moment()
    last_seen: datetime = moment()
    last_run: str
    ip: str
    ip_key: str
    mac: str
    device_class: str
    vendor: str
    model: str
    firmware: str
    serial: str
    hostname: str
    os: str
    connection_method: str
    switch_port: str
    vlan: str
    ssid: str
    owner: str
    location: str
    purpose: str
    in_scope: str
    asset_tag: str
    supplier: str
    contract: str
    purchase_date: str
    security_mark: str
    physical_control: str
    access_right: str
    network_zone: str
    declared_ports: str
    notes: str
    ports: str
    several: bool
    search: str
    support_ends: str


class ValueRow(Base, table=True):
    """One value of one attribute for as long as it held."""

    __tablename__ = "value"
    __table_args__ = (
        Index("value_of_device", "device", "attribute", "valid_from"),
        Index("value_of_attribute", "attribute", "value", "device", "valid_from", "valid_to").ddl_if(
            dialect="sqlite"
        ),
        Index("value_ended", "valid_to", "value", "device", **where("valid_to IS NOT NULL")).ddl_if(
            dialect="sqlite"
        ),
    )

    id: int | None = serial()
    device: str = Field(foreign_key="device.id")
    attribute: str
    value: str
    source: str
    certainty: float
    locked: bool
    valid_from: datetime = moment()
    valid_to: datetime | None = moment_or_none()
    confirmed_at: datetime = moment()
    disagreeing: str = json_text()


class BasisRow(Base, table=True):
    """The claims that a device's current values rest on."""

    __tablename__ = "basis"

    device: str = Field(primary_key=True, foreign_key="device.id")
    claims: str = json_text()


class AddressRow(Base, table=True):
    """One address for as long as the device had it."""

    __tablename__ = "address"
    __table_args__ = (
        Index("address_of_device", "device", "site", "ip"),
        Index("address_place", "site", "ip"),
        Index("address_order", "site", "ip_key"),
        Index("address_now", "ip_key", "device", **where("ended IS NULL")),
    )

    id: int | None = serial()
    device: str = Field(foreign_key="device.id")
    site: str
    ip: str
    ip_key: str
    mac: str | None = None
    segment: str
    first_seen: datetime = moment()
    last_seen: datetime = moment()
    last_run: str
    ended: datetime | None = moment_or_none()


class ServiceRow(Base, table=True):
    """One open port for as long as it was open."""

    __tablename__ = "service"
    __table_args__ = (
        Index("service_of_device", "device", "proto", "port"),
        Index("service_port", "port", "proto", "device", "first_seen", "ended"),
    )

    id: int | None = serial()
    device: str = Field(foreign_key="device.id")
    proto: str
    port: int
    name: str
    product: str
    version: str
    first_seen: datetime = moment()
    last_seen: datetime = moment()
    ended: datetime | None = moment_or_none()


class IdentifierRow(Base, table=True):
    """Something that tells a device from others."""

    __tablename__ = "identifier"
    __table_args__ = (Index("identifier_of_device", "device"),)

    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)
    device: str = Field(primary_key=True, foreign_key="device.id")


class ObservationRow(Base, table=True):
    """What one source said at one address, from the first to the last time it said just that."""

    __tablename__ = "observation"
    __table_args__ = (
        Index("observation_of_device", "device", "latest"),
        Index("observation_line", "site", "ip", "source", "service", "last_at"),
    )

    id: int | None = serial()
    device: str = Field(foreign_key="device.id")
    run: str
    vantage: str
    site: str
    segment: str
    ip: str
    mac: str | None = None
    source: str
    service: str | None = None
    part: int
    facts: str = json_text()
    facts_digest: str
    digest: str
    excerpt: str
    first_at: datetime = moment()
    last_at: datetime = moment()
    latest: bool


class ChangeRow(Base, table=True):
    """One thing that changed."""

    __tablename__ = "change"
    __table_args__ = (
        Index("change_of_device", "device", "at"),
        Index("change_of_status", "at", "device", **where(TELLS_STATUS)),
    )

    id: int | None = serial()
    device: str = Field(foreign_key="device.id")
    at: datetime = moment()
    what: str
    before: str
    after: str
    source: str


class AmbiguityRow(Base, table=True):
    """Two records that may be one; a `moved` one is settled at the run's end: did the older one move?"""

    __tablename__ = "ambiguity"
    __table_args__ = (Index("ambiguity_open", "settled_at"), Index("ambiguity_pair", "device", "other"))

    id: int | None = serial()
    kind: str
    device: str = Field(foreign_key="device.id")
    other: str = Field(foreign_key="device.id")
    agrees: str = json_text()
    differs: str = json_text()
    run: str
    at: datetime = moment()
    settled_at: datetime | None = moment_or_none()
    settled_by: str
    decision: str


class JoinedRow(Base, table=True):
    """Which record became part of which, when, on whose word, and what the two held before."""

    __tablename__ = "joined"

    id: int | None = serial()
    device: str = Field(foreign_key="device.id", index=True)
    absorbed: str = Field(foreign_key="device.id", index=True)
    at: datetime = moment()
    by: str
    before: str = json_text()
    undone_at: datetime | None = moment_or_none()
