"""How each device, exception and plan fact follows from an open dossier; None where it does not."""

from collections.abc import Callable, Mapping
from datetime import date

from inventory.types import (
    PLAN_DONE,
    PLAN_IN_HAND,
    Attribute,
    CheckOutcome,
    ConnectionMethod,
    Device,
    DeviceClass,
    ExceptionRecord,
    ExceptionStanding,
    ExceptionState,
    InScope,
)
from policies.scope_of_law import CERTAIN_ENOUGH_TO_LEAVE_OUT, is_unplugged
from policies.sheet import OpenDossier, by_then
from policies.values import Value

Derive = Callable[[OpenDossier], Value | None]
Origin = Callable[[OpenDossier], str]
_MANAGEMENT_SERVICES = frozenset(
    {"http", "https", "snmp", "ssh", "telnet", "rtsp", "ftp", "modbus", "bacnet"}
)
_MANAGEMENT_PORTS = frozenset({"tcp/22", "tcp/23", "tcp/80", "tcp/443", "tcp/8080", "tcp/8443", "udp/161"})
_CONNECTIONS = frozenset({ConnectionMethod.WIRED, ConnectionMethod.WIRELESS, ConnectionMethod.NONE})
_NOT_COMPLIED = frozenset({"security-ended", "ended"})
_OF_ART_23_TO_25 = ("firmware", "default_login", "exposure", "wireless")
_MET = frozenset({CheckOutcome.PASS, CheckOutcome.NOT_APPLICABLE})


def text_of(attribute: Attribute) -> Derive:
    """The derivation that gives the register's text for an attribute."""
    return lambda opened: opened.device.text(attribute) or None


def device_class(opened: OpenDossier) -> Value | None:
    """The class; unknown is no class, and thin evidence lets nothing off as a sensor."""
    kind = opened.device.device_class
    thin = kind is DeviceClass.ENVIRONMENTAL_SENSOR and (
        opened.device.attributes[Attribute.DEVICE_CLASS].certainty < CERTAIN_ENOUGH_TO_LEAVE_OUT
    )
    return None if kind is DeviceClass.UNKNOWN or thin else kind.value


def connection(opened: OpenDossier) -> Value | None:
    """The connection method, where it is known; a "none" is a person's word, until an address is seen."""
    stated = opened.device.attributes.get(Attribute.CONNECTION_METHOD)
    if stated is None or stated.value not in _CONNECTIONS:
        return None
    guessed = stated.value == ConnectionMethod.NONE and not is_unplugged(opened.device)
    return None if guessed else stated.value


def in_scope(opened: OpenDossier) -> Value | None:
    """In or out; undetermined is not known."""
    ruling = opened.scope.in_scope
    return None if ruling is InScope.UNDETERMINED else ruling.value


def undecided_days(opened: OpenDossier) -> Value | None:
    """How long the scope has stood undecided; 0 once it is decided."""
    if opened.scope.in_scope is not InScope.UNDETERMINED:
        return 0
    return max(0, (opened.on - opened.device.first_seen.date()).days)


def unseen_days(opened: OpenDossier) -> Value | None:
    """Days since the device last answered; None if it never had an address or answered only afterwards."""
    seen = max((address.last_seen for address in opened.device.addresses), default=None)
    if seen is None or not by_then(seen, opened.on):
        return None
    return max(0, (opened.on - seen.date()).days)


def management(opened: OpenDossier) -> Value | None:
    """Whether the device can be managed from afar; "no" needs a statement, silence on the wire is not one."""
    login = opened.results.get("default_login")
    if _speaks_management(opened.device) or (login is not None and login.facts.get("open")):
        return "yes"
    answer = opened.answers.get("no_management")
    if answer is not None and answer.state != "overdue":
        return "no" if answer.state == "yes" else "yes"
    return "no" if connection(opened) == ConnectionMethod.NONE else None


def confirmed_on(opened: OpenDossier) -> Value | None:
    """The last day on which a person entered every field asked for, or signed that the entry is right."""
    checked = opened.results.get("registration")
    entered = checked.facts.get("confirmed_on", "") if checked else ""
    days = (_day(entered), opened.confirmation.signed if opened.confirmation else None)
    return max((day for day in days if day is not None), default=None)


def confirmed_where(opened: OpenDossier) -> str:
    """The record by which the entry was last confirmed; the check where its fields were entered later."""
    record = opened.confirmation
    is_last = record is not None and record.signed == confirmed_on(opened)
    return f"attestation.{record.id}" if record is not None and is_last else "check.registration"


def can_comply(opened: OpenDossier) -> Value | None:
    """Whether the rules on software, access and connections can be met.

    No once updates have ended or while somebody has it excepted; yes where every check of theirs shows it. An
    exception that has lapsed keeps it at no until they do.
    """
    firmware = opened.results.get("firmware")
    exceptions = opened.exceptions if opened.dossier.exceptions else ()
    excepted = any(stands.state is not ExceptionState.LAPSED for _record, stands in exceptions)
    if excepted or (firmware and firmware.facts.get("state") in _NOT_COMPLIED):
        return "no"
    settled = [opened.results.get(check) for check in _OF_ART_23_TO_25]
    if all(result is not None and result.outcome in _MET for result in settled):
        return "yes"
    return "no" if exceptions else None


def exception_state(opened: OpenDossier) -> Value | None:
    """In force if any exception is; incomplete if one would be in its time; else lapsed, if any began."""
    if not opened.dossier.exceptions:
        return None
    states = {stands.state for _record, stands in opened.exceptions}
    known = (ExceptionState.IN_FORCE, ExceptionState.INCOMPLETE, ExceptionState.LAPSED)
    return next((state.value for state in known if state in states), None)


def exception_expiry(opened: OpenDossier) -> Value | None:
    """The last day of those exceptions that give the state."""
    return max((stands.until for _record, stands in _in_that_state(opened)), default=None)


def exception_articles(opened: OpenDossier) -> Value | None:
    """What those exceptions except the device from."""
    named = {article for record, _stands in _in_that_state(opened) for article in record.articles}
    return ", ".join(sorted(named)) or None


def plan_state(opened: OpenDossier) -> Value | None:
    """Overdue if any plan is; a draft if nobody approved one; done if all are, though the device is there."""
    return _plan(opened)[0]


def plan_due(opened: OpenDossier) -> Value | None:
    """The day of the plan that gives the state."""
    return _plan(opened)[1]


DERIVATIONS: Mapping[str, tuple[Derive, str | Origin]] = {
    # fact: (derivation, where a reader can look it up)
    "device.class": (device_class, "attribute.device_class"),
    "device.vendor": (text_of(Attribute.VENDOR), "attribute.vendor"),
    "device.model": (text_of(Attribute.MODEL), "attribute.model"),
    "device.firmware": (text_of(Attribute.FIRMWARE), "attribute.firmware"),
    "device.status": (lambda opened: opened.device.status.value, "device.status"),
    "device.connection": (connection, "attribute.connection_method"),
    "device.segment": (lambda opened: opened.device.segment or None, "device.segment"),
    "device.in_scope": (in_scope, "article.21"),
    "device.scope_reason": (lambda opened: opened.scope.reason, "article.21"),
    "device.scope_undecided_days": (undecided_days, "device.first_seen"),
    "device.unseen_days": (unseen_days, "device.addresses"),
    "device.management": (management, "device.services"),
    "device.confirmed_on": (confirmed_on, confirmed_where),
    "device.can_comply": (can_comply, "checks"),
    "exception.state": (exception_state, "exceptions"),
    "exception.expiry": (exception_expiry, "exceptions"),
    "exception.articles": (exception_articles, "exceptions"),
    "plan.state": (plan_state, "plans"),
    "plan.due": (plan_due, "plans"),
}


def _in_that_state(opened: OpenDossier) -> list[tuple[ExceptionRecord, ExceptionStanding]]:
    if not opened.dossier.exceptions:
        return []
    state = exception_state(opened)
    return [each for each in opened.exceptions if each[1].state == state]


def _plan(opened: OpenDossier) -> tuple[str | None, date | None]:
    if not opened.dossier.plans:
        return None, None
    to_do = [plan for plan in opened.plans if plan.state != PLAN_DONE]
    for state, due in (
        ("overdue", [plan.due for plan in to_do if plan.due < opened.on]),
        ("on-schedule", [plan.due for plan in to_do if plan.state in PLAN_IN_HAND]),
        ("draft", [plan.due for plan in to_do]),
        ("done", [plan.due for plan in opened.plans]),
    ):
        if due:
            return state, min(due)
    return None, None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _speaks_management(device: Device) -> bool:
    return any(
        service.name.lower() in _MANAGEMENT_SERVICES or service.key in _MANAGEMENT_PORTS
        for service in device.services
    )
