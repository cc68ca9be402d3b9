"""One login that was tried on a device: where, as whom and what came of it, never with what password."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TryOutcome(StrEnum):
    """What one try came to; `BEGUN` is all that is known where Muster itself was stopped half-way.

    `WARNED` is a refusal that came with a sign of a lock-out: it says the same, and ends the tries.
    """

    BEGUN = "begun"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WARNED = "warned"
    OPEN = "open"
    LOCKED = "locked"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class LoginTry:
    """One try of one account; `pair` names the published pair in the data files (`brother-laser/1`).

    `mac` is empty where it is not known; `service` is the port it was tried on (`tcp/80`).
    """

    device: str
    site: str
    ip: str
    mac: str
    protocol: str
    service: str
    account: str
    pair: str
    at: datetime
    outcome: TryOutcome = TryOutcome.BEGUN
