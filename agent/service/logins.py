"""The login test over the register: who is tested, the tries, and their outcome as an observation."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from agent.areas import Refused
from agent.logins.families import forget
from agent.logins.plan import LoginPlan, plan_for
from agent.logins.secrecy import sealed
from agent.logins.trial import LoginOutcome, LoginResult, Trial
from agent.permit import Gate, Permit
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.tally import Tally
from inventory.language import _
from inventory.register import Register
from inventory.settings import Settings
from inventory.types import (
    Attribute,
    Clock,
    Device,
    DeviceStatus,
    Fact,
    Observation,
    Target,
    Touch,
    Why,
    today,
)

SOURCE = "login"
_ONE_ROLL_CALL = timedelta(days=1)
_PATIENCE_SECONDS = 3.0  # who refuses a password often takes some seconds over it, and silence is a sign


@dataclass(frozen=True, slots=True)
class Tested:
    """One device and what its logins came to."""

    device: Device
    result: LoginResult


@dataclass
class LoginRun:
    """One test of logins; `door` may be given by a test, else it is made from the settings."""

    register: Register
    settings: Settings
    clock: Clock
    vantage: str
    stop: threading.Event = field(default_factory=threading.Event)
    door: Door | None = None

    def plans(self, devices: Iterable[str] = ()) -> Iterator[tuple[LoginPlan, Permit | None]]:
        """The plan of every chosen device (all where none is named), and the permit to carry it out.

        Passwords are in memory from the first plan to the last, and the process is sealed as long.
        """
        with sealed():
            try:
                yield from self._plans(devices)
            finally:
                forget()

    def _plans(self, devices: Iterable[str]) -> Iterator[tuple[LoginPlan, Permit | None]]:
        chosen = tuple(self.register.device(each) for each in devices) or self.register.devices()
        on = today(self.clock)
        gate = Gate(self.register.scopes(), self.register.iter_devices(), on)
        for device in chosen:
            if device.status is DeviceStatus.RETIRED:
                continue
            permit = _permit(gate, device)
            if isinstance(permit, Refused):
                yield LoginPlan(device, skip=permit.reason), None
            else:
                yield self._plan(device, permit), permit

    async def run(
        self, devices: Iterable[str] = (), on_tested: Callable[[Tested], None] = lambda _tested: None
    ) -> tuple[Tested, ...]:
        """Tests the chosen devices one after another, keeping each outcome as soon as it is known."""
        door = self.door or self._door()
        done = []
        with sealed():
            for plan, permit in self.plans(devices):
                if self.stop.is_set():
                    break
                trial = Trial(door, permit, self.register, self.clock, self._window) if permit else None
                result = await trial.run(plan) if trial else LoginResult(LoginOutcome.SKIPPED, plan.skip)
                if permit is not None and result.outcome is not LoginOutcome.SKIPPED:
                    self.register.observe(
                        plan.device.id, [self._observation(plan.device, permit.target, result)]
                    )
                tested = Tested(plan.device, result)
                done.append(tested)
                on_tested(tested)
        return tuple(done)

    @property
    def _window(self) -> timedelta:
        return timedelta(hours=self.settings.check.login_window_hours)

    def _plan(self, device: Device, permit: Permit) -> LoginPlan:
        heard = [each for each in self.register.observations(device.id) if each.target.ip == permit.ip]
        return plan_for(
            device,
            _recent(heard, self.clock, self.settings.evidence_days),
            self.register.login_tries(device),
            now=self.clock.now(),
            window=self._window,
            evidence=timedelta(days=self.settings.evidence_days),
        )

    def _door(self) -> Door:
        scan = self.settings.scan
        limits = Limits().scaled(max(scan.timeout, _PATIENCE_SECONDS))
        return Door(Pace(scan.rate, scan.per_host_rate), limits, 1, Tally())

    def _observation(self, device: Device, target: Target, result: LoginResult) -> Observation:
        now = self.clock.now()
        said = {
            "login.outcome": result.outcome.value,
            "login.account": result.account,
            "login.protocol": result.protocol,
            "login.service": result.service,
            "login.family": result.family,
            "login.reason": result.reason,
            "login.model": device.text(Attribute.MODEL),
            "login.since": result.since.isoformat() if result.since else "",
        }
        facts = tuple(Fact(name, value) for name, value in said.items() if value)
        written = json.dumps([target.ip, now.isoformat(), said], sort_keys=True)
        return Observation(
            run=f"login-{now:%Y%m%dT%H%M%SZ}",
            vantage=self.vantage,
            target=target,
            source=SOURCE,
            at=now,
            facts=facts,
            digest=hashlib.sha256(written.encode()).hexdigest(),
        )


def _permit(gate: Gate, device: Device) -> Permit | Refused:
    """Leave to log in at the first address that allows it, else why the last one does not.

    Only where the last roll call met the device: at an address it left, another may be by now.
    """
    refused = Refused("", Why.AS_WRITTEN, _("no address is known"))
    known = sorted(device.addresses, key=lambda one: one.last_seen, reverse=True)
    for address in known:
        if address.last_seen < known[0].last_seen - _ONE_ROLL_CALL:
            break
        answer = gate.admit(address.ip, Touch.LOGIN, mac=address.mac, device_class=device.device_class)
        if isinstance(answer, Permit):
            return answer
        refused = answer
    return refused


def _recent(heard: Sequence[Observation], clock: Clock, days: int) -> list[Observation]:
    return [each for each in heard if each.at > clock.now() - timedelta(days=days) and each.source != SOURCE]
