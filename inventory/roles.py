"""Who may do what to the register: the one table, and a register that refuses what a role may not do.

Roles are given in muster.toml (`[roles]`, operator = role). Where nobody is named everybody is an admin, as
on a machine of one's own; where anybody is, an operator who is not named may only read.
"""

import inspect
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar, cast

from inventory.exits import NotAllowed
from inventory.language import N_, _
from inventory.types import Attribute, DeviceStatus

Kept = TypeVar("Kept")


class Role(StrEnum):
    """What a person is to the register."""

    AUDITOR = "auditor"
    FACILITIES = "facilities"
    ADMIN = "admin"


TITLES = {
    Role.AUDITOR: N_("auditor (reads, verifies, exports)"),
    Role.FACILITIES: N_("facilities (owners, places, purposes, confirmations, plans)"),
    Role.ADMIN: N_("administrator"),
}

FACILITIES_SAY = frozenset(
    {
        Attribute.OWNER,
        Attribute.LOCATION,
        Attribute.PURPOSE,
        Attribute.ASSET_TAG,
        Attribute.SUPPLIER,
        Attribute.NOTES,
    }
)
"""The values facilities staff may set."""

READS = frozenset(
    {
        "place", "reading", "scopes", "runs", "last_run", "devices", "page", "iter_devices", "device",
        "by_id", "history", "observations", "all_observations", "review", "audit", "audit_break",
        "results", "to_judge", "last_assessment", "articles", "verdicts", "findings", "posture",
        "open_findings", "attestations", "exceptions", "plans", "exception", "plan", "comments", "names",
        "login_tries", "living", "ids", "raw_rows", "checked", "crossings", "networks", "looked", "since",
        "device_at", "page_at", "differences", "directory",
    }
)  # fmt: skip
"""Methods of the register that change nothing."""
_BY_FACILITIES = frozenset(
    {
        "edit",
        "accept",
        "set_status",
        "enter",
        "confirm",
        "undo",
        "add_plan",
        "change_plan",
        "add_attestation",
        "follow_up",
    }
)


def role_of(operator: str, roles: Mapping[str, Role]) -> Role:
    """The operator's role."""
    return roles.get(operator, Role.AUDITOR) if roles else Role.ADMIN


def may(role: Role, method: str, *arguments: object) -> bool:
    """Whether the role may call this method of the register (with these arguments, where they matter)."""
    if role is Role.ADMIN or method in READS:
        return True
    if role is not Role.FACILITIES or method not in _BY_FACILITIES:
        return False
    if method == "edit" and len(arguments) > 1:
        return frozenset(cast("Mapping[Attribute, str]", arguments[1])) <= FACILITIES_SAY
    if method == "accept" and len(arguments) > 1:
        return arguments[1] in FACILITIES_SAY
    if method == "set_status" and len(arguments) > 1:
        return arguments[1] in (DeviceStatus.CONFIRMED, DeviceStatus.IN_SERVICE)
    return True


def guarded(register: Kept, role: Role) -> Kept:
    """The register as this role may use it; NotAllowed at anything else."""
    return register if role is Role.ADMIN else cast("Kept", _Guarded(register, role))


class _Guarded:
    """Passes on what the role may do; what is not in the tables above is refused."""

    def __init__(self, register: Any, role: Role) -> None:  # noqa: ANN401 - whatever is guarded
        self._register = register
        self._role = role

    def __getattr__(self, name: str) -> object:
        if name == "since":
            return lambda mark: guarded(self._register.since(mark), self._role)
        if not name.startswith("_") and name in READS:
            return getattr(self._register, name)

        method = getattr(self._register, name)

        def refused_or_done(*arguments: object, **named: object) -> object:
            given = inspect.signature(method).bind(*arguments, **named)
            if not may(self._role, name, *given.arguments.values()):
                reason = _("as {role} you may not do this ({what})")
                raise NotAllowed(reason.format(role=_(TITLES[self._role]), what=name.replace("_", " ")))
            if name == "undo" and given.arguments.get("entry") is not None:
                self._check_own(given.arguments["entry"], given.arguments["by"])
            return method(*arguments, **named)

        return refused_or_done

    def _check_own(self, number: int, by: str) -> None:
        """Only an administrator takes back what somebody else did."""
        entry = next((one for one in self._register.audit() if one.number == number), None)
        if entry is not None and entry.by != by:
            reason = _("entry {number} is {who}'s: as {role} you may take back your own alone")
            raise NotAllowed(reason.format(number=number, who=entry.by, role=_(TITLES[self._role])))
