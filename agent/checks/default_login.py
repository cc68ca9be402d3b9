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


class _Openings(BaseModel):
    """data/openings.yaml: the words that make an observation an open door."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    default_communities: tuple[str, ...]
    admin_titles: tuple[str, ...]


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
    for observation, prompt in subject.facts("telnet.prompt"):
        if prompt == "shell":
            yield "telnet-shell", observation
    for observation, answer in subject.facts("ftp.anonymous"):
        if answer == "accepted":
            yield "ftp-anonymous", observation
    for observation, login in subject.facts("http.login"):
        if login == "none" and _is_admin_page(observation):
            yield "http-admin", observation
    for observation, outcome in subject.facts("login.outcome"):
        if outcome == "default":
            yield "default-password", observation
        elif outcome == "no-login-asked":
            yield "no-login-asked", observation


def _is_admin_page(observation: Observation) -> bool:
    titles = [fact.value for fact in observation.facts if fact.name == "html_title"]
    return any(pattern.search(title) for title in titles for pattern in _admin_titles())


@cache
def _openings() -> _Openings:
    return read(files("agent.checks") / "data" / "openings.yaml", TypeAdapter(_Openings))


@cache
def _admin_titles() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in _openings().admin_titles)
