"""Trying the logins of one plan, one by one, and knowing when to stop.

Every try is noted before it is made. The first hit ends it, so does any sign of a lock-out: a status that
says so, words that do, a counter of tries left, an answer much later than before, a port that closes or
falls silent.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from agent.logins import LOGINS
from agent.logins.plan import ANONYMOUS, LoginPlan, Step
from agent.logins.protocol import Answer, Credential, Login, Seen, Way
from agent.permit import Permit
from agent.transport.door import Door
from inventory.language import _
from inventory.types import Clock, LoginTry, TryOutcome

SLOWER_SECONDS: Final = 3.0


class LoginOutcome(StrEnum):
    """What the logins of one device came to."""

    DEFAULT = "default"
    CHANGED = "changed"
    NO_LOGIN_ASKED = "no-login-asked"
    LOCKED = "locked"
    NOT_EVALUABLE = "not-evaluable"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class LoginResult:
    """The outcome on one device; `tried` is how many logins were sent now, `since` the oldest it rests on."""

    outcome: LoginOutcome
    reason: str = ""
    account: str = ""
    protocol: str = ""
    service: str = ""
    family: str = ""
    tried: int = 0
    since: datetime | None = None


class TryLog(Protocol):
    """Where tries are kept across runs (inventory.register.Register has it)."""

    def begin_login(self, one: LoginTry, not_since: datetime) -> int | None:
        """Notes that a try is about to be made; None where the account had one since."""

    def settle_login(self, number: int, outcome: TryOutcome) -> None:
        """Notes what it came to."""


@dataclass
class Trial:
    """One device's tries; `monotonic` (seconds) tells how long answers take."""

    door: Door
    permit: Permit
    log: TryLog
    clock: Clock
    window: timedelta
    logins: Iterable[Login] = LOGINS
    monotonic: Callable[[], float] = time.monotonic
    _seen: dict[Way, Seen] = field(default_factory=dict)
    _took: dict[Way, float] = field(default_factory=dict)
    _absent: set[Way] = field(default_factory=set)
    _seconds: dict[Way, float] = field(default_factory=dict)
    _tried: int = 0
    _last: int | None = None

    async def run(self, plan: LoginPlan) -> LoginResult:
        """Looks where looking is enough, then tries step by step; what the network does raises nothing."""
        result = await self._run(plan)
        return replace(result, tried=self._tried)

    async def _run(self, plan: LoginPlan) -> LoginResult:
        if plan.skip:
            return LoginResult(LoginOutcome.SKIPPED, plan.skip)
        for way in plan.bare:
            settled = _settled_by_looking(way, (await self._look(way)).answer)
            if settled is not None:
                return settled
        refused, unclear, waiting = list(plan.refused), list(plan.untried), list(plan.waiting)
        for number, step in enumerate(plan.steps, 1):
            answer, way = await self._try(step, plan)
            if answer is None:
                waiting.append(step.pair.name)
                continue
            settled = _settled(step, way, answer)
            if settled is not None:
                return settled
            left = self._left(step, way)
            if answer.outcome is TryOutcome.UNCLEAR:
                unclear.append(f"{step.pair.name}: {answer.reason}")
            elif left:
                waiting.append(f"{step.pair.name} ({', '.join(left)})")
            else:
                refused.append(step.pair.name)
            if answer.outcome is TryOutcome.WARNED and (number < len(plan.steps) or waiting):
                return _stopped(step, way, answer)
        return self._summed_up(plan, refused, unclear, waiting)

    def _left(self, step: Step, tried: Way) -> tuple[str, ...]:
        """The protocols that the pair also holds on, and that wait for windows of their own."""
        others = [way.protocol for way in step.ways if way not in self._absent]
        return tuple(dict.fromkeys(each for each in others if each != tried.protocol))

    def _summed_up(
        self, plan: LoginPlan, refused: list[str], unclear: list[str], waiting: list[str]
    ) -> LoginResult:
        """No hit: changed where everything published was refused, else what is still open."""
        published = [name for name in refused if name != f"{ANONYMOUS}/1"]
        if waiting and not self._tried:
            return LoginResult(LoginOutcome.SKIPPED, _unsettled([], waiting))
        if unclear or waiting or not published:
            return LoginResult(LoginOutcome.NOT_EVALUABLE, _unsettled(unclear, waiting))
        since = min(plan.since, self.clock.now()) if plan.since else self.clock.now()
        reason = _("{count} published logins were refused").format(count=len(published))
        return LoginResult(LoginOutcome.CHANGED, reason, family=",".join(plan.families), since=since)

    async def _try(self, step: Step, plan: LoginPlan) -> tuple[Answer | None, Way]:
        """The pair on the first of its ways that asks for a login; None where the account had its try."""
        reason, way = "", step.ways[0]
        for way in step.ways:
            login = self._login(way)
            seen = await self._look(way)
            if seen.answer is not None:
                if seen.answer.outcome is TryOutcome.LOCKED and self._last is not None:
                    self.log.settle_login(self._last, TryOutcome.LOCKED)  # the try before brought it about
                if seen.answer.outcome in (TryOutcome.OPEN, TryOutcome.LOCKED):
                    return seen.answer, way
                if seen.absent:
                    self._absent.add(way)
                reason = seen.answer.reason
                continue
            number = self.log.begin_login(self._note(step, way, plan), self.clock.now() - self.window)
            if number is None:
                return None, way
            self._tried, self._last = self._tried + 1, number
            answer = await self._attempt(login, way, seen, step)
            if seen.once:
                del self._seen[way]
            self.log.settle_login(number, answer.outcome)
            return answer, way
        if step.settled and self._absent.issuperset(step.ways):
            return Answer(TryOutcome.REFUSED, "refused before, and offered nowhere else"), way
        return Answer(TryOutcome.UNCLEAR, reason), way

    async def _attempt(self, login: Login, way: Way, seen: Seen, step: Step) -> Answer:
        began = self.monotonic()
        try:
            answer = await login.attempt(
                self.door, self.permit, way, seen, Credential(step.pair.account, step.pair.password)
            )
        except Exception as fault:  # noqa: BLE001 - its words and frames may hold the password, so only its kind is told
            answer = Answer(TryOutcome.UNCLEAR, _("the try failed: {kind}").format(kind=type(fault).__name__))
        if answer.silent and (seen.handle is not None or way in self._took):
            return replace(answer, outcome=TryOutcome.LOCKED, reason=_("it no longer answers"))
        took = self.monotonic() - began
        before = self._took.get(way, took) if seen.handle is None else seen.seconds
        if not answer.silent:
            self._took.setdefault(way, took)
        if answer.outcome is TryOutcome.REFUSED and took - before >= SLOWER_SECONDS:
            return replace(answer, outcome=TryOutcome.WARNED, reason=_("it answers ever more slowly"))
        return answer

    async def _look(self, way: Way) -> Seen:
        """What the way shows, looked at once a run, or once a try; as quick as it was at first."""
        if way not in self._seen:
            began = self.monotonic()
            try:
                seen = await self._login(way).look(self.door, self.permit, way)
            except Exception as fault:  # noqa: BLE001 - whatever one device provokes, the others are still asked
                seen = Seen(Answer(TryOutcome.UNCLEAR, type(fault).__name__))
            if seen.gone and way in self._seconds:
                seen = Seen(Answer(TryOutcome.LOCKED, "the port no longer answers"))
            seconds = self._seconds.setdefault(way, self.monotonic() - began)
            self._seen[way] = replace(seen, seconds=seconds)
        return self._seen[way]

    def _login(self, way: Way) -> Login:
        return next(login for login in self.logins if login.name == way.protocol)

    def _note(self, step: Step, way: Way, plan: LoginPlan) -> LoginTry:
        target = self.permit.target
        return LoginTry(
            plan.device.id,
            target.site,
            target.ip,
            target.mac or "",
            way.protocol,
            way.service,
            step.pair.account,
            step.pair.name,
            self.clock.now(),
        )


def _settled_by_looking(way: Way, answer: Answer | None) -> LoginResult | None:
    if answer is None:
        return None
    if answer.outcome is TryOutcome.OPEN:
        return LoginResult(
            LoginOutcome.NO_LOGIN_ASKED, answer.reason, protocol=way.protocol, service=way.service
        )
    if answer.outcome is TryOutcome.LOCKED:
        return LoginResult(LoginOutcome.LOCKED, answer.reason, protocol=way.protocol, service=way.service)
    return None


def _settled(step: Step, way: Way, answer: Answer) -> LoginResult | None:
    """The result where this answer ends it all."""
    protocol = answer.kind or way.protocol
    pair = step.pair
    if answer.outcome is TryOutcome.ACCEPTED and pair.account != ANONYMOUS:
        return LoginResult(
            LoginOutcome.DEFAULT, answer.reason, pair.account, protocol, way.service, pair.family
        )
    if answer.outcome in (TryOutcome.ACCEPTED, TryOutcome.OPEN):
        return LoginResult(LoginOutcome.NO_LOGIN_ASKED, answer.reason, protocol=protocol, service=way.service)
    return _stopped(step, way, answer) if answer.outcome is TryOutcome.LOCKED else None


def _stopped(step: Step, way: Way, answer: Answer) -> LoginResult:
    pair, protocol = step.pair, answer.kind or way.protocol
    return LoginResult(LoginOutcome.LOCKED, answer.reason, pair.account, protocol, way.service, pair.family)


def _unsettled(unclear: list[str], waiting: list[str]) -> str:
    parts = []
    if unclear:
        parts.append(_("not settled: {what}").format(what="; ".join(unclear)))
    if waiting:
        text = _("one try per account and window, so these wait: {names}")
        parts.append(text.format(names=", ".join(waiting)))
    return ". ".join(parts) or _("no published login could be tried")
