"""Which account is tried where on one device, and why another is not. Pure: register in, plan out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from agent.logins.families import Family, Pair, families_of, pairs_of
from agent.logins.protocol import Way
from agent.logins.secrecy import Secret
from agent.logins.ways import is_offered, ways_of
from inventory.language import N_, _
from inventory.types import Attribute, Device, LoginTry, Observation, TryOutcome

# Who may come in without any account; asked of FTP and MQTT whatever the model is (RFC 1635).
ANONYMOUS: Final = "anonymous"
_HAS_ANONYMOUS: Final = ("ftp",)
_REFUSED: Final = frozenset({TryOutcome.REFUSED, TryOutcome.WARNED})
# What ends the tries on a device for the rest of a window, whichever run met it.
_ENDING: Final = {
    TryOutcome.ACCEPTED: N_("an initial login was found already; nothing further is tried in this window"),
    TryOutcome.OPEN: N_("no login was asked already; nothing further is tried in this window"),
    TryOutcome.LOCKED: N_("a sign of a lock-out was seen; the device is left alone in this window"),
    TryOutcome.WARNED: N_("a sign of a lock-out was seen; the device is left alone in this window"),
}
_LOOKED_AT: Final = frozenset({"mqtt", "vnc", "rtsp", "onvif"})


@dataclass(frozen=True, slots=True)
class Step:
    """One pair and the ways it may be tried on, the first that asks for a login counts.

    `settled` are the protocols that refused it before, within the days evidence counts.
    """

    pair: Pair
    ways: tuple[Way, ...]
    settled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoginPlan:
    """What is to be done on one device.

    `steps` are to be tried now; `refused` are names of pairs that every protocol they hold on has refused
    already, `untried` what cannot be tried and why; `bare` are ways that are looked at without any account.
    `skip` says why nothing is done at all. `since` is the day of the oldest refusal the plan builds on.
    """

    device: Device
    steps: tuple[Step, ...] = ()
    bare: tuple[Way, ...] = ()
    refused: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    skip: str = ""
    since: datetime | None = None


def plan_for(
    device: Device,
    observations: Sequence[Observation],
    tries: Sequence[LoginTry],
    *,
    now: datetime,
    window: timedelta,
    evidence: timedelta,
    families: Iterable[Family] | None = None,
) -> LoginPlan:
    """The plan for one device.

    An account tried within `window` waits, whatever it was tried with and on, and under whatever record of
    the box. A pair refused within `evidence` is settled on that protocol, where it was this device that
    refused it. Of one account only one pair is tried at a time, on one protocol.
    """
    rows = families_of(device, families)
    ways = ways_of(device, observations, (row.path for row in rows))
    bare = tuple(way for way in ways if way.protocol in _LOOKED_AT)
    names = tuple(row.family for row in rows)
    pairs = (*pairs_of(device, rows), *_anonymous(ways))
    if not ways:
        return LoginPlan(device, families=names, skip=_("no way to log in is known"))
    if not rows and not pairs and not bare:
        return LoginPlan(device, skip=_why_no_rows(device))
    refused_at = {
        (one.pair, one.protocol): one.at
        for one in tries
        if one.outcome in _REFUSED and one.at > now - evidence and _is_of(device, one)
    }
    ended = [one for one in tries if one.outcome in _ENDING and one.at > now - window]
    if ended:
        return LoginPlan(device, families=names, skip=_(_ENDING[ended[-1].outcome]))
    recent = {one.account for one in tries if one.at > now - window}
    steps: list[Step] = []
    untried: list[str] = [] if rows else [_why_no_rows(device)]
    untried += [_why_not_all(row) for row in rows if row.unique or row.forced]
    waiting: list[str] = []
    done: list[str] = []
    taken: set[str] = set()
    since: datetime | None = None
    for pair in pairs:
        usable = tuple(way for way in ways if way.protocol in pair.on)
        settled = {
            way.protocol: at
            for way in usable
            if (at := refused_at.get((pair.name, way.protocol))) and at.date() >= pair.read
        }
        left = tuple(way for way in usable if way.protocol not in settled)
        account = pair.account.casefold()
        since = min((at for at in (since, *settled.values()) if at), default=None)
        if usable and not left:
            done.append(pair.name)
        elif account in recent or account in taken:
            waiting += [pair.name] if left else []
        elif left:
            taken.add(account)
            steps.append(Step(pair, left, tuple(settled)))
    return LoginPlan(
        device, tuple(steps), bare, tuple(done), tuple(untried), tuple(waiting), names, since=since
    )


def _is_of(device: Device, one: LoginTry) -> bool:
    """Whether it was this device that was tried, and not another that had its address or its record."""
    if one.mac and any(each.mac for each in device.addresses):
        return any(each.mac == one.mac for each in device.addresses)
    return one.device == device.id and any(
        (each.site, each.ip) == (one.site, one.ip) for each in device.addresses
    )


def _anonymous(ways: Iterable[Way]) -> tuple[Pair, ...]:
    offered = tuple(protocol for protocol in _HAS_ANONYMOUS if is_offered(protocol, ways))
    if not offered:
        return ()
    return (Pair("anonymous/1", "anonymous", ANONYMOUS, Secret("muster@"), ("ftp",), "", "RFC 1635"),)


def _why_not_all(row: Family) -> str:
    if row.unique:
        return _("{family}: each unit ships with a password of its own").format(family=row.family)
    return _("{family}: the password is set at first use").format(family=row.family)


def _why_no_rows(device: Device) -> str:
    if not device.text(Attribute.VENDOR) or not device.text(Attribute.MODEL):
        return _("the model is not identified, and nothing is guessed")
    return _("no published login is known for this model")
