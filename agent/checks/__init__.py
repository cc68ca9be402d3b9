"""Step 7, evidence → results: what the observations at hand say of one device, check by check.

Every check is one module with one pure function `judge(subject) -> CheckResult`; nothing here sends a packet.
`pass` needs positive and fresh evidence, `fail` too; what is missing or stale is `unknown`, and a check that
crashes is `error` (runner.py). The facts of a result are those
inventory/data/facts.yaml lists for that check.

    subject.py    the device, its last observations, the date and the settings a check may look at
    runner.py     all checks over many devices
    due.py        which results hold no longer
    notice.py     one row of data/lifecycle/; lifecycle.py what all rows say of a product
    knowledge.py  what the feeds say of it; origins.py who made what bears another name
"""

from collections.abc import Callable
from dataclasses import dataclass

from agent.checks import (
    default_login,
    encryption,
    exposure,
    firmware,
    isolation,
    registration,
    watch_list,
    wireless,
)
from agent.checks.knowledge import Knowledge
from agent.checks.subject import Measures, Subject
from inventory.language import N_
from inventory.types import CheckResult


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name in commands and rules, its title, and its judgement.

    `rests_on` gives the facts and settings its judgement uses besides the evidence, as plain values.
    """

    name: str
    title: str
    judge: Callable[[Subject], CheckResult]
    rests_on: Callable[[Measures, Knowledge], object] = lambda _measures, _knowledge: ()


CHECKS: tuple[Check, ...] = (
    Check(firmware.NAME, N_("Firmware and end of life"), firmware.judge, firmware.rests_on),
    Check(default_login.NAME, N_("Logins"), default_login.judge, default_login.rests_on),
    Check(exposure.NAME, N_("Connections and services"), exposure.judge, exposure.rests_on),
    Check(encryption.NAME, N_("Encryption"), encryption.judge),
    Check(wireless.NAME, N_("Wireless protection"), wireless.judge, wireless.rests_on),
    Check(isolation.NAME, N_("Isolation"), isolation.judge, isolation.rests_on),
    Check(registration.NAME, N_("Registration"), registration.judge),
    Check(watch_list.NAME, N_("Watch-list of vendors"), watch_list.judge, watch_list.rests_on),
)
