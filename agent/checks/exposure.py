"""Connections and services (Art. 22, 25): what is open, what is risky, what was never registered."""

import ipaddress
import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

from agent.checks.knowledge import Knowledge
from agent.checks.subject import Measures, Subject, word_set
from inventory.facts import words_told
from inventory.language import _
from inventory.strict_yaml import read
from inventory.types import Attribute, CheckOutcome, CheckResult, Observation

NAME: Final = "exposure"
# Only a sweep over ports can show that nothing else is open.
_PORT_SWEEPS = frozenset({"tcp-syn", "connect"})
_DECLARED = re.compile(r"(?:(tcp|udp)/)?(\d{1,5})", re.IGNORECASE)


class _Risk(BaseModel):
    """One risky service: the word rules know it by, how to recognise it, and why it is risky."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ports: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    why: str


def judge(subject: Subject) -> CheckResult:
    """Fail on a risky or unregistered service or a public address; pass only if a port sweep found none."""
    nothing = {"risky": "", "undeclared": "", "public": "", "services": ""}
    if subject.is_retired:
        return subject.result(
            NAME, CheckOutcome.NOT_APPLICABLE, _("the device has been retired"), facts=nothing
        )
    if subject.is_unconnected:
        reason = _("the device has no network connection")
        return subject.result(NAME, CheckOutcome.NOT_APPLICABLE, reason, facts=nothing)
    found = {service.key for service in subject.services}
    found |= {each.service for each in subject.fresh if each.service and not _is_closed(each)}
    declared = declared_ports(subject.device.text(Attribute.DECLARED_PORTS))
    risky = _risky(subject)
    missing = _missing(subject, declared)
    swept = missing is not None and not missing
    public = _public_addresses(subject)
    undeclared = found - declared if declared is not None else set()
    facts = {}
    if swept or found:
        facts["services"] = word_set(found)
    if swept or risky:
        facts["risky"] = word_set(risky)
    if subject.device.addresses:
        facts["public"] = word_set(public)
    if declared is not None and (swept or undeclared):
        facts["undeclared"] = word_set(undeclared)
    evidence = [each.digest for each in subject.fresh if each.source in _PORT_SWEEPS]
    problems = _problems(risky, undeclared, public)
    if problems:
        return subject.result(NAME, CheckOutcome.FAIL, "; ".join(problems), facts=facts, evidence=evidence)
    if not swept:
        reason = _("no recent port sweep shows what is open")
        if missing:
            reason = _("the port sweep left out {ports}").format(ports=", ".join(sorted(missing)))
        return subject.result(NAME, CheckOutcome.UNKNOWN, reason, facts=facts)
    if declared is None:
        reason = _("nobody has registered which ports this device needs")
        return subject.result(NAME, CheckOutcome.UNKNOWN, reason, facts=facts, evidence=evidence)
    reason = _("only registered services are open, none of them risky")
    return subject.result(NAME, CheckOutcome.PASS, reason, facts=facts, evidence=evidence)


def rests_on(_measures: Measures, _knowledge: Knowledge) -> object:
    """Which services are risky."""
    return _risks()


@lru_cache(maxsize=10_000)
def declared_ports(text: str) -> frozenset[str] | None:
    """The ports a person registered (`tcp/80, 443 udp/161`) as keys; None where nothing readable stands."""
    keys: set[str] = set()
    for word in re.split(r"[\s,;、，]+", text.strip()):
        written = _DECLARED.fullmatch(word)
        if written is None:
            if word:
                return None
            continue
        keys.add(f"{(written[1] or 'tcp').lower()}/{int(written[2])}")
    return frozenset(keys) or None


def _missing(subject: Subject, declared: frozenset[str] | None) -> frozenset[str] | None:
    """The ports left out that might be risky or unregistered; None where no sweep came to its end."""
    if subject.left_out is None:
        return None
    harmless = (declared or frozenset()) - {port for risk in _risks().values() for port in risk.ports}
    return subject.left_out - harmless


def _is_closed(observation: Observation) -> bool:
    return any(fact.name == "port.state" and fact.value != "open" for fact in observation.facts)


def _risky(subject: Subject) -> set[str]:
    named = {service.name.lower() for service in subject.services if service.name}
    unnamed = {service.key for service in subject.services if not service.name}
    spoken = subject.spoken
    return {
        word
        for word, risk in _risks().items()
        if not (
            named.isdisjoint(risk.names) and unnamed.isdisjoint(risk.ports) and spoken.isdisjoint(risk.facts)
        )
    }


def _public_addresses(subject: Subject) -> set[str]:
    return {address.ip for address in subject.device.addresses if _is_public(address.ip)}


def _is_public(ip: str) -> bool:
    """RFC 6890; what offices mostly use is told at a glance, because there are many."""
    return not ip.startswith(("10.", "192.168.")) and ipaddress.ip_address(ip).is_global


def _problems(risky: set[str], undeclared: set[str], public: set[str]) -> list[str]:
    problems = []
    if risky:
        problems.append(_("risky services are open: {services}").format(services=words_told(risky)))
    if undeclared:
        problems.append(
            _("open but not registered: {services}").format(services=", ".join(sorted(undeclared)))
        )
    if public:
        problems.append(_("public Internet address: {addresses}").format(addresses=", ".join(sorted(public))))
    return problems


@cache
def _risks() -> dict[str, _Risk]:
    return read(files("agent.checks") / "data" / "risky_services.yaml", TypeAdapter(dict[str, _Risk]))
