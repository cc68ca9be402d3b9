"""What people say of records: enter, edit, accept, where they stand. Each leaves a line in the audit log."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from inventory.entered import checked
from inventory.exits import UsageFault
from inventory.language import _
from inventory.merge import Record, settle
from inventory.networks import ip_address, mac_address
from inventory.record_names import what_called
from inventory.store import audit, steps
from inventory.store.columns import table
from inventory.store.devices import full_id
from inventory.store.faults import Conflict
from inventory.store.records import Stored, load_stored
from inventory.store.revisions import Revisions
from inventory.store.tables import AddressRow, AmbiguityRow
from inventory.traits import is_own_mac
from inventory.types import (
    Address,
    Attribute,
    Device,
    DeviceChange,
    DeviceStatus,
    Held,
    Identifier,
    IdentifierKind,
)

_AMBIGUITY, _ADDRESS = table(AmbiguityRow), table(AddressRow)

_HUMAN_STATUSES = (
    DeviceStatus.DISCOVERED,
    DeviceStatus.CONFIRMED,
    DeviceStatus.IN_SERVICE,
    DeviceStatus.RETIRED,
)


def person(name: str) -> str:
    """The source of a value that somebody entered."""
    return f"person:{name}"


def edit(
    connection: Connection,
    ids: Iterable[str],
    changes: Mapping[Attribute, str],
    *,
    by: str,
    at: datetime,
    seen: Iterable[Device] = (),
    custom: Mapping[str, str] | None = None,
) -> tuple[DeviceChange, ...]:
    """Sets (or with an empty text clears) values on each device; all or nothing.

    `seen` are the devices as the person had them before their eyes: Conflict where somebody has entered
    another value since, or taken one back.
    """
    said = {attribute: checked(attribute, text) for attribute, text in changes.items()}
    also = {name: checked(Attribute.NOTES, text) for name, text in (custom or {}).items()}
    found: list[DeviceChange] = []
    were = {one.id: one for one in seen}
    for before in stored_of(connection, ids):
        if before.device.id in were:
            _check_seen(before.device, were[before.device.id], said, also)
        after = with_words(before, said, also, by=by, at=at)
        found += _revise(connection, before, after, action="edit", by=by, at=at)
    return tuple(found)


def with_words(
    before: Stored, said: Mapping[Attribute, str], custom: Mapping[str, str], *, by: str, at: datetime
) -> Stored:
    """The record with a person's words; an empty one takes back what a person said."""
    attributes, own = dict(before.record.device.attributes), dict(before.record.device.custom)
    for attribute, text in said.items():
        attributes.pop(attribute, None)
        if text:
            attributes[attribute] = Held(text, person(by), at, locked=True)
    for name, text in custom.items():
        own.pop(name, None)
        if text:
            own[name] = Held(text, person(by), at, locked=True)
    settled = _with_values(before, attributes)
    device = replace(settled.record.device, custom=dict(sorted(own.items())))
    return replace(settled, record=replace(settled.record, device=device))


def _check_seen(
    device: Device, was: Device, said: Mapping[Attribute, str], custom: Mapping[str, str]
) -> None:
    """Conflict where a person's word is another one than was seen, and not the one to be said."""
    words = {attribute.value: (_word(device, attribute), _word(was, attribute)) for attribute in said}
    texts: dict[str, str] = {attribute.value: text for attribute, text in said.items()} | dict(custom)
    words |= {name: (device.custom.get(name), was.custom.get(name)) for name in custom}
    called = f"{device.label} {device.id}"
    for name, (now, before) in words.items():
        value = now.value if now else ""
        if value in ((before.value if before else ""), texts[name]):
            continue
        if now is None:
            reason = _("the {attribute} of {device} was taken back meanwhile: look again")
            raise Conflict(reason.format(attribute=what_called(name), device=called))
        reason = _("{who} set the {attribute} of {device} to {value!r} meanwhile: look again")
        who = now.source.removeprefix("person:")
        raise Conflict(reason.format(who=who, attribute=what_called(name), device=called, value=value))


def _word(device: Device, attribute: Attribute) -> Held | None:
    held = device.attributes.get(attribute)
    return held if held is not None and held.locked else None


def accept(
    connection: Connection, device_id: str, attribute: Attribute, value: str, *, by: str, at: datetime
) -> tuple[DeviceChange, ...]:
    """Takes the disagreeing value: a person's gives way to the scans', a scan's winner to its first loser.

    Conflict where a `value` is named and it is not the one that would be taken.
    """
    (before,) = stored_of(connection, [device_id])
    held = dict(before.record.device.attributes)
    current = held.get(attribute)
    if current is None or not current.disagreeing:
        reason = _("nothing disagrees with the {attribute} of {device}")
        raise Conflict(reason.format(attribute=attribute.value, device=before.device.id))
    first = current.disagreeing[0].value
    if value and value != first:
        reason = _("{first!r}, not {value!r}, disagrees with the {attribute} of {device} now: look again")
        raise Conflict(
            reason.format(first=first, value=value, attribute=attribute.value, device=before.device.id)
        )
    if current.locked:
        del held[attribute]
    else:
        held[attribute] = Held(first, person(by), at, locked=True)
    return _revise(connection, before, _with_values(before, held), action="accept", by=by, at=at)


def enter(
    connection: Connection,
    new_id: Callable[[], str],
    values: Mapping[Attribute, str],
    *,
    site: str,
    segment: str,
    ip: str,
    mac: str,
    by: str,
    at: datetime,
) -> str:
    """Makes a record by hand, confirmed by who makes it; gives its id. Conflict on a taken address."""
    if not site:
        raise UsageFault(_("a device needs a site"))
    said = {attribute: checked(attribute, text) for attribute, text in values.items()}
    attributes = {
        attribute: Held(said[attribute], person(by), at, locked=True)
        for attribute in Attribute
        if said.get(attribute)
    }
    if not attributes:
        raise UsageFault(_("say something about the device: a class, a vendor, a purpose …"))
    address = _entered_address(connection, site=site, segment=segment, ip=ip, mac=mac, at=at)
    device = Device(
        id=new_id(),
        status=DeviceStatus.CONFIRMED,
        site=site,
        segment=segment,
        first_seen=at,
        last_seen=at,
        attributes=attributes,
        addresses=(address,) if address else (),
        identifiers=entered_identifiers(said, mac),
    )
    revisions = Revisions(connection)
    entered = Stored(Record(device), DeviceStatus.CONFIRMED)
    revisions.add(None, entered, at=at, source=person(by))
    revisions.write()
    detail = {attribute.value: held.value for attribute, held in attributes.items()}
    entry = audit.record(connection, at=at, by=by, action="enter", subject=device.id, detail=detail)
    steps.note_devices(connection, entry, [(None, entered)])
    return device.id


def set_status(
    connection: Connection, ids: Iterable[str], status: DeviceStatus, *, by: str, at: datetime
) -> tuple[DeviceChange, ...]:
    """Moves records through their life; `unseen` is for scans to say."""
    if status not in _HUMAN_STATUSES:
        raise UsageFault(_("only a scan can say that a device is {status}").format(status=status.value))
    found: list[DeviceChange] = []
    for before in stored_of(connection, ids):
        found += _revise(connection, before, replace(before, standing=status), action="status", by=by, at=at)
    return tuple(found)


def stored_of(connection: Connection, ids: Iterable[str]) -> list[Stored]:
    """The records with these ids, or whose ids begin so, each once; NotFound where there is none."""
    wanted = list(dict.fromkeys(full_id(connection, each) for each in ids))
    found = load_stored(connection, wanted)
    return [found[each] for each in wanted]


def _with_values(before: Stored, held: Mapping[Attribute, Held]) -> Stored:
    device = before.record.device
    settled = settle(held, before.record.claims)
    return replace(before, record=replace(before.record, device=replace(device, attributes=settled)))


def _revise(
    connection: Connection, before: Stored, after: Stored, *, action: str, by: str, at: datetime
) -> tuple[DeviceChange, ...]:
    revisions = Revisions(connection)
    changes = revisions.add(before, after, at=at, source=person(by))
    revisions.write()
    if before != after:
        detail = {change.what: f"{change.before} → {change.after}" for change in changes}
        entry = audit.record(connection, at=at, by=by, action=action, subject=after.device.id, detail=detail)
        steps.note_devices(connection, entry, [(before, after)])
    return changes


def _entered_address(
    connection: Connection, *, site: str, segment: str, ip: str, mac: str, at: datetime
) -> Address | None:
    if not ip:
        if mac:
            raise UsageFault(_("a MAC address needs the IP address it answers at"))
        return None
    canonical = ip_address(ip)
    taken = connection.execute(
        select(_ADDRESS.c.device).where(
            _ADDRESS.c.site == site, _ADDRESS.c.ip == canonical, _ADDRESS.c.ended.is_(None)
        )
    ).scalar()
    if taken:
        reason = _("{ip} belongs to {device} already: edit that one")
        raise Conflict(reason.format(ip=canonical, device=taken))
    return Address(canonical, mac_address(mac) if mac else None, site, segment, at, at)


def entered_identifiers(said: Mapping[Attribute, str], mac: str) -> tuple[Identifier, ...]:
    """What tells a record apart that somebody entered by hand."""
    found = []
    serial = said.get(Attribute.SERIAL, "")
    if serial:
        found.append(Identifier(IdentifierKind.SERIAL, serial.casefold()))
    if mac and is_own_mac(mac_address(mac)):
        found.append(Identifier(IdentifierKind.MAC, mac_address(mac)))
    return tuple(found)
