"""What people do to records: enter, edit, accept, confirm, join. Each leaves a line in the audit log."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select, update

from inventory.exits import UsageFault
from inventory.language import _
from inventory.merge import Record, join, settle
from inventory.networks import ip_address, mac_address
from inventory.store import audit, steps
from inventory.store.columns import table
from inventory.store.devices import full_id
from inventory.store.faults import Conflict, NotFound
from inventory.store.joining import APART, absorb, is_kept_by_person
from inventory.store.records import Stored, load_stored
from inventory.store.revisions import Revisions
from inventory.store.tables import AddressRow, AmbiguityRow
from inventory.traits import is_own_mac
from inventory.types import (
    MACHINE_READ,
    Address,
    Attribute,
    ConnectionMethod,
    Device,
    DeviceChange,
    DeviceClass,
    DeviceStatus,
    Held,
    Identifier,
    IdentifierKind,
    InScope,
)

_AMBIGUITY, _ADDRESS = table(AmbiguityRow), table(AddressRow)

LONGEST_VALUE = 2000
_CLOSED: dict[Attribute, frozenset[str]] = {
    Attribute.DEVICE_CLASS: frozenset(DeviceClass),
    Attribute.CONNECTION_METHOD: frozenset(ConnectionMethod),
    Attribute.IN_SCOPE: frozenset(InScope),
}
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
    for before in _stored(connection, ids):
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
    for name, (now, before) in words.items():
        value = now.value if now else ""
        if value in ((before.value if before else ""), texts[name]):
            continue
        if now is None:
            reason = _("the {attribute} of {device} was taken back meanwhile: look again")
            raise Conflict(reason.format(attribute=name, device=device.id))
        reason = _("{who} set the {attribute} of {device} to {value!r} meanwhile: look again")
        who = now.source.removeprefix("person:")
        raise Conflict(reason.format(who=who, attribute=name, device=device.id, value=value))


def _word(device: Device, attribute: Attribute) -> Held | None:
    held = device.attributes.get(attribute)
    return held if held is not None and held.locked else None


def accept(
    connection: Connection, device_id: str, attribute: Attribute, value: str, *, by: str, at: datetime
) -> tuple[DeviceChange, ...]:
    """Takes the disagreeing value: a person's gives way to the scans', a scan's winner to its first loser.

    Conflict where a `value` is named and it is not the one that would be taken.
    """
    (before,) = _stored(connection, [device_id])
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
    for before in _stored(connection, ids):
        found += _revise(connection, before, replace(before, standing=status), action="status", by=by, at=at)
    return tuple(found)


def join_records(connection: Connection, ids: Sequence[str], *, by: str, at: datetime) -> str:
    """Makes one record of several, on a person's word; gives the id that stays."""
    records = {one.device.id: one for one in _stored(connection, ids)}
    if len(records) < 2:
        raise UsageFault(_("joining takes two devices or more"))
    first, *others = sorted(
        records.values(), key=lambda one: (not is_kept_by_person(one), one.device.first_seen, one.device.id)
    )
    absorbed = [other.device.id for other in others]
    unite(connection, first.device.id, absorbed, by=by, at=at)
    detail = {"absorbed": " ".join(absorbed)}
    audit.record(connection, at=at, by=by, action="join", subject=first.device.id, detail=detail)
    return first.device.id


def unite(connection: Connection, device: str, others: Sequence[str], *, by: str, at: datetime) -> None:
    """Lets `device` absorb the others; Conflict where one of them is no longer a record of its own."""
    first, *absorbed = _stored(connection, [device, *others])
    if [one.device.id for one in (first, *absorbed)] != [device, *others]:
        raise Conflict(_("{device} was joined with another record since").format(device=device))
    survivor = first
    revisions = Revisions(connection)
    for other in absorbed:
        survivor = replace(survivor, record=join(survivor.record, other.record))
        absorb(connection, revisions, other, device, ours=first, at=at, by=person(by))
    revisions.add(first, survivor, at=at, source=person(by))
    revisions.write()


def keep_apart(connection: Connection, number: int, *, by: str, at: datetime) -> None:
    """Settles an ambiguity: the two records are two devices."""
    row = connection.execute(
        select(_AMBIGUITY).where(_AMBIGUITY.c.id == number, _AMBIGUITY.c.settled_at.is_(None))
    ).first()
    if row is None:
        raise NotFound(_("there is no open question {number}").format(number=number))
    open_one = _AMBIGUITY.c.id == number
    connection.execute(
        update(_AMBIGUITY).where(open_one).values(settled_at=at, settled_by=person(by), decision=APART)
    )
    settled = connection.execute(select(_AMBIGUITY).where(open_one)).one()
    entry = audit.record(
        connection, at=at, by=by, action="keep apart", subject=row.device, detail={"other": row.other}
    )
    steps.note_row(connection, entry, _AMBIGUITY, row, settled)


def checked(attribute: Attribute, text: str) -> str:
    """The text as it may be stored; UsageFault where it may not, and what may."""
    if attribute in MACHINE_READ:
        raise UsageFault(_("{attribute} is for scans to say").format(attribute=attribute.value))
    text = " ".join(text.split()) if attribute is not Attribute.NOTES else text.strip()
    if any(not character.isprintable() and character != "\n" for character in text):
        raise UsageFault(
            _("{attribute}: control characters are not allowed").format(attribute=attribute.value)
        )
    if len(text) > LONGEST_VALUE:
        reason = _("{attribute} is longer than {most} characters")
        raise UsageFault(reason.format(attribute=attribute.value, most=LONGEST_VALUE))
    closed = _CLOSED.get(attribute)
    if text and closed is not None and text not in closed:
        reason = _("{attribute} cannot be {text!r}; one of: {known}")
        known = ", ".join(sorted(closed))
        raise UsageFault(reason.format(attribute=attribute.value, text=text, known=known))
    return _declared_ports(text) if attribute is Attribute.DECLARED_PORTS else text


def _declared_ports(text: str) -> str:
    """`tcp/80, 443` as `tcp/80,tcp/443`."""
    ports = set()
    for word in text.replace(",", " ").split():
        proto, slash, number = word.lower().rpartition("/")
        if not number.isdecimal() or not 0 < int(number) < 65536 or (slash and proto not in ("tcp", "udp")):
            raise UsageFault(_("{word!r} is not a port (try tcp/443 or udp/161)").format(word=word))
        ports.add((proto or "tcp", int(number)))
    return ",".join(f"{proto}/{number}" for proto, number in sorted(ports))


def _stored(connection: Connection, ids: Iterable[str]) -> list[Stored]:
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
