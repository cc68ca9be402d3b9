"""What rules make of a device, kept as a value of its own source: beneath a person's word, above nothing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from inventory.merge import Kept, settle
from inventory.store.columns import table
from inventory.store.records import chunks, load_stored
from inventory.store.revisions import Revisions
from inventory.store.tables import DeviceRow
from inventory.types import Attribute, Claim

_DEVICE = table(DeviceRow)
_RULE = "rule"


def keep(
    connection: Connection, attribute: Attribute, said: Mapping[str, str], *, rule: str, at: datetime
) -> None:
    """Keeps what a rule derived of each device, source `rule:NAME`; what it says already is left alone.

    A judge does not look at it, so nothing needs to be judged anew for it.
    """
    differing = []
    for part in chunks(said):
        held = select(_DEVICE.c.id, _DEVICE.c[attribute.value]).where(_DEVICE.c.id.in_(part))
        differing += [device for device, value in connection.execute(held) if value != said[device]]
    revisions = Revisions(connection)
    for device, stored in load_stored(connection, differing).items():
        fresh = Claim(attribute, said[device], 1.0, f"{_RULE}:{rule}", _RULE)
        if any(kept.claim == fresh for kept in stored.record.claims):
            continue
        others = {
            kept
            for kept in stored.record.claims
            if (kept.claim.attribute, kept.claim.source) != (attribute, _RULE)
        }
        claims = frozenset({*others, Kept(fresh, at)})
        settled = replace(stored.record.device, attributes=settle(stored.record.device.attributes, claims))
        after = replace(stored, record=replace(stored.record, device=settled, claims=claims))
        revisions.add(stored, after, at=at, source=f"{_RULE}:{rule}")
    revisions.write(noted=False)
