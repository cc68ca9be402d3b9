"""Logins (Art. 24): does anything let people in without a login of their own.

Judged from what was heard without trying a password: an SNMP agent that answers a well-known community, a
telnet service that greets with a shell, an administration page that asks for nothing. Only a login test,
which a scope has to allow, can show that the initial password was changed; without it the answer is unknown.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

from agent.checks.knowledge import Knowledge
from agent.checks.subject import Measures, Subject, word_set
from inventory.facts import words_told
from inventory.language import N_, _
from inventory.strict_yaml import read
from inventory.types import Attribute, CheckOutcome, CheckResult, Device, Observation

NAME: Final = "default_login"
_DOORS: Final = {"default": "default-password", "no-login-asked": "no-login-asked"}
_WHY_NOT: Final = {
    "locked": N_("the login test stopped at a sign of a lock-out: {reason}"),
    "not-evaluable": N_("the login test did not settle it: {reason}"),
}


class _OpenFact(BaseModel):
    """A fact whose value alone says that a door is open, and the word rules know the door by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fact: str
    value: str
    door: str


class _Openings(BaseModel):
    """data/openings.yaml: the words that make an observation an open door."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    default_communities: tuple[str, ...]
    open_facts: tuple[_OpenFact, ...]
    open_consoles: tuple[str, ...]


def judge(subject: Subject) -> CheckResult:
    """Fail on any open door, pass only where every published login was tried and refused, else unknown."""
    if subject.is_retired:
        return subject.result(
            NAME, CheckOutcome.NOT_APPLICABLE, _("the device has been retired"), facts={"open": ""}
        )
    if subject.is_unconnected:
        reason = _("the device has no network connection to log in over")
        return subject.result(NAME, CheckOutcome.NOT_APPLICABLE, reason, facts={"open": ""})
    test = _last_test(subject)
    outcome = test.said.get("login.outcome", "") if test else ""
    doors = list(_open_doors(subject))
    if test and outcome in _DOORS:
        doors.append((_DOORS[outcome], test.observation))
    facts = {"tested": "yes" if outcome in ("changed", *_DOORS) else "no"}
    if doors:
        return _open(subject, doors, facts, test)
    tried = test.said.get("login.model", "") if test else ""
    if outcome == "changed" and tried != subject.device.text(Attribute.MODEL):
        reason = _("the model was another when its logins were tried: {model}").format(model=tried or "?")
        return subject.result(NAME, CheckOutcome.UNKNOWN, reason, facts={"tested": "no"})
    if test and outcome == "changed":
        reason = _("every published initial login was tried and refused")
        return subject.result(
            NAME,
            CheckOutcome.PASS,
            reason,
            facts={**facts, "open": ""},
            evidence=[test.observation.digest],
            expires=test.counts_until,
        )
    if test:
        reason = _WHY_NOT.get(outcome, N_("the login test did not settle it: {reason}"))
        said = test.said.get("login.reason", "")
        return subject.result(NAME, CheckOutcome.UNKNOWN, _(reason).format(reason=said), facts=facts)
    if not subject.fresh:
        return subject.result(
            NAME, CheckOutcome.UNKNOWN, _("nothing was heard of the device lately"), facts=facts
        )
    reason = _("not tested: `muster check logins` does, where a scope allows logins")
    return subject.result(NAME, CheckOutcome.UNKNOWN, reason, facts=facts)


def rests_on(_measures: Measures, _knowledge: Knowledge) -> object:
    """The words that make an observation an open door."""
    return _openings()


@dataclass(frozen=True, slots=True)
class _Test:
    """The last login test that still counts, and until when it does."""

    observation: Observation
    said: Mapping[str, str]
    counts_until: datetime


def _last_test(subject: Subject) -> _Test | None:
    """Login tests are rarer than roll calls, so they count by their own age: that of their oldest try.

    A test made while the record was joined with another's is of the box at that address.
    """
    tests = [each for each in subject.observations if each.source == "login" and _is_of(subject.device, each)]
    newest = max(tests, key=lambda each: each.at, default=None)
    if newest is None:
        return None
    said = {fact.name: fact.value for fact in newest.facts}
    try:
        since = datetime.fromisoformat(said["login.since"]) if "login.since" in said else newest.at
    except ValueError:
        since = newest.at
    until = min(since, newest.at) + timedelta(days=subject.measures.evidence_days)
    return _Test(newest, said, until) if until > subject.at else None


def _is_of(device: Device, test: Observation) -> bool:
    """Whether the test was made at an address, or of the hardware, that is the device's now."""
    if test.target.mac and any(each.mac for each in device.addresses):
        return any(each.mac == test.target.mac for each in device.addresses)
    where = (test.target.site, test.target.ip)
    return any((each.site, each.ip) == where for each in device.addresses)


def _open(
    subject: Subject, doors: list[tuple[str, Observation]], facts: dict[str, str], test: _Test | None
) -> CheckResult:
    names = {name for name, _observation in doors}
    reason = _("open without a login of one's own: {doors}").format(doors=words_told(names))
    if test and "default-password" in names:
        text = _("the published login of account '{account}' opens it ({protocol}, {service})")
        reason = text.format(
            account=test.said.get("login.account", ""),
            protocol=test.said.get("login.protocol", "?"),
            service=test.said.get("login.service", "?"),
        )
        others = names - {"default-password"}
        reason += f"; {words_told(others)}" if others else ""
    evidence = [observation.digest for _name, observation in doors]
    return subject.result(
        NAME, CheckOutcome.FAIL, reason, facts={**facts, "open": word_set(names)}, evidence=evidence
    )


def _open_doors(subject: Subject) -> Iterator[tuple[str, Observation]]:
    for observation, community in subject.facts("snmp.community"):
        if community.lower() in _openings().default_communities:
            yield "snmp-public" if community.lower() == "public" else "snmp-default", observation
    for opening in _openings().open_facts:
        for observation, value in subject.facts(opening.fact):
            if value == opening.value:
                yield opening.door, observation
    for observation, login in subject.facts("http.login"):
        if login == "none" and _is_console(observation):
            yield "http-admin", observation


def _is_console(observation: Observation) -> bool:
    shown = [fact.value for fact in observation.facts if fact.name in ("html_title", "http.text")]
    return any(pattern.search(text) for text in shown for pattern in _open_consoles())


@cache
def _openings() -> _Openings:
    return read(files("agent.checks") / "data" / "openings.yaml", TypeAdapter(_Openings))


@cache
def _open_consoles() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in _openings().open_consoles)
