"""Logins (Art. 24): does anything let people in without a login of their own.

Judged from what was heard without trying a password: an SNMP agent that answers a well-known community, a
telnet service that greets with a shell, an administration page that asks for nothing. Only a login test,
which a scope has to allow, can show that the initial password was changed; without it the answer is unknown.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

from agent.checks.subject import Subject, word_set
from inventory.language import _
from inventory.strict_yaml import read
from inventory.types import CheckOutcome, CheckResult, Observation

NAME: Final = "default_login"


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
    """Fail on any open door, pass only after a login test found none, unknown otherwise."""
    if subject.is_retired:
        return subject.result(
            NAME, CheckOutcome.NOT_APPLICABLE, _("the device has been retired"), facts={"open": ""}
        )
    if subject.is_unconnected:
        reason = _("the device has no network connection to log in over")
        return subject.result(NAME, CheckOutcome.NOT_APPLICABLE, reason, facts={"open": ""})
    doors = list(_open_doors(subject))
    tested = [
        (each, value) for each, value in subject.facts("login.outcome") if value in ("changed", "default")
    ]
    facts = {"tested": "yes" if tested else "no"}
    if doors:
        names = {name for name, _observation in doors}
        reason = _("open without a login of one's own: {doors}").format(doors=", ".join(sorted(names)))
        evidence = [observation.digest for _name, observation in doors]
        return subject.result(
            NAME, CheckOutcome.FAIL, reason, facts={**facts, "open": word_set(names)}, evidence=evidence
        )
    if tested:
        reason = _("the login test found no initial password")
        evidence = [observation.digest for observation, _value in tested]
        return subject.result(NAME, CheckOutcome.PASS, reason, facts={**facts, "open": ""}, evidence=evidence)
    if not subject.fresh:
        return subject.result(
            NAME, CheckOutcome.UNKNOWN, _("nothing was heard of the device lately"), facts=facts
        )
    reason = _("not tested: the scope does not allow logins")
    return subject.result(NAME, CheckOutcome.UNKNOWN, reason, facts=facts)


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
