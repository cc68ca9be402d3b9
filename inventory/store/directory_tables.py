"""Whom and what the register names: people, places, suppliers, contracts, each for as long as it held."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from inventory.store.columns import Base, moment, moment_or_none, serial


class OwnerRow(Base, table=True):
    """A person or a department that devices belong to (管理人員)."""

    __tablename__ = "owner"
    __table_args__ = (Index("owner_name", "name", "valid_from"),)

    id: int | None = serial()
    name: str
    department: str
    contact: str
    notes: str
    by: str = Field()
    valid_from: datetime = moment()
    valid_to: datetime | None = moment_or_none()


class PlaceRow(Base, table=True):
    """A node of the tree of locations, named by its whole path: `hq / main building / 3F / copy room`."""

    __tablename__ = "place"
    __table_args__ = (Index("place_name", "name", "valid_from"),)

    id: int | None = serial()
    name: str
    kind: str
    notes: str
    by: str = Field()
    valid_from: datetime = moment()
    valid_to: datetime | None = moment_or_none()


class SupplierRow(Base, table=True):
    """Who sold or maintains devices."""

    __tablename__ = "supplier"
    __table_args__ = (Index("supplier_name", "name", "valid_from"),)

    id: int | None = serial()
    name: str
    contact: str
    notes: str
    by: str = Field()
    valid_from: datetime = moment()
    valid_to: datetime | None = moment_or_none()


class ContractRow(Base, table=True):
    """A contract of purchase or maintenance, and from when to when it runs (ISO dates)."""

    __tablename__ = "contract"
    __table_args__ = (Index("contract_name", "name", "valid_from"),)

    id: int | None = serial()
    name: str
    supplier: str
    starts: str
    ends: str
    notes: str
    by: str = Field()
    valid_from: datetime = moment()
    valid_to: datetime | None = moment_or_none()
