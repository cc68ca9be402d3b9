"""Eight SNMP requests tell as much as a whole walk: of the lab's agents, and of recorded ones by a scan."""

import random
from typing import Any

import pytest

from agent.cli.identify import answer
from agent.fingerprints import Fingerprinter
from agent.permit import Gate, Permit
from agent.probes import snmp
from agent.probes.reply import Context
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.talk import Failed
from inventory.types import Fact, ProbeOutcome, Scope, Touch
from lab.speaks.host import Host
from lab.speaks.snmp import Agent, SnmpSettings
from tests.live_accuracy import FIELDS, compared, scanned, why_not

EVERY = 13  # of the recorded agents: fifty of them, two processes of the simulator
ENTITY = "1.3.6.1.2.1.47.1.1.1.1"
AGENTS: dict[str, dict[str, Any]] = {
    "a box that keeps net-snmp's sysObjectID": {
        "system": {"descr": "Linux box 4.4.302+", "object_id": "1.3.6.1.4.1.8072.3.2.10"},
        "oids": {
            "1.3.6.1.4.1.2021.4.5.0": "INTEGER: 7500",
            "1.3.6.1.4.1.6574.1.5.1.0": "STRING: DS920+",
            "1.3.6.1.4.1.6574.1.5.2.0": "STRING: 2010PDN000000",
            "1.3.6.1.4.1.6574.1.5.3.0": "STRING: DSM 7.2-64570",
        },
    },
    "a printer that speaks the first version alone": {
        "system": {"descr": "KYOCERA Document Solutions Printing System", "object_id": "1.3.6.1.4.1.1347.41"},
        "versions": ("1",),
        "oids": {
            "1.3.6.1.2.1.25.3.2.1.3.1": "STRING: ECOSYS M6635cidn",
            "1.3.6.1.2.1.43.5.1.1.16.1": "STRING: ECOSYS M6635cidn",
            "1.3.6.1.2.1.43.5.1.1.17.1": "STRING: VYF0000000",
        },
    },
    "a switch whose chassis stands behind its stack": {
        "system": {"descr": "Cisco IOS Software, Version 15.2(7)E3", "object_id": "1.3.6.1.4.1.9.1.2494"},
        "oids": {
            f"{ENTITY}.2.1": "STRING: c93xx Stack",
            f"{ENTITY}.5.1": "INTEGER: 11",
            f"{ENTITY}.5.1000": "INTEGER: 3",
            f"{ENTITY}.4.1000": "INTEGER: 1",
            f"{ENTITY}.11.1000": "STRING: FCW0000A0BC",
            f"{ENTITY}.13.1000": "STRING: C9300-24T",
        },
    },
    "a UPS of nobody's, by its standard MIB": {
        "system": {"descr": "Network adapter", "object_id": "1.3.6.1.4.1.99999.1"},
        "oids": {
            "1.3.6.1.2.1.33.1.1.1.0": "STRING: Riello",
            "1.3.6.1.2.1.33.1.1.2.0": "STRING: SDH 1000",
            "1.3.6.1.2.1.33.1.1.3.0": "STRING: SWM045-01",
        },
    },
}  # fmt: skip


class LabDoor(Door):
    """A door behind which an agent of the lab answers every question; they are counted."""

    def __init__(self, agent: Agent) -> None:
        super().__init__(Pace(1e6, 1e6), Limits(), 2, randomness=random.Random(3))
        self.agent = agent
        self.questions = 0

    async def ask(self, _permit: Permit, _port: int, question: bytes, **_how: Any) -> Any:
        self.questions += 1
        return tuple(self.agent.answer(question)) or Failed(ProbeOutcome.SILENT, "no answer")


@pytest.fixture(scope="module")
def engine() -> Fingerprinter:
    return Fingerprinter.load()


@pytest.mark.parametrize("name", AGENTS)
async def test_the_questions_asked_tell_what_the_whole_walk_tells(engine: Fingerprinter, name: str) -> None:
    settings = SnmpSettings.model_validate(AGENTS[name])
    door = LabDoor(Agent(Host("p", "p", "127.0.0.1", "00:26:73:0a:0b:0c", "p-1", interface="lo"), settings))
    permit = Gate([Scope("127.0.0.0/8", "hq", "here")]).admit("127.0.0.1", Touch.QUERY)
    assert isinstance(permit, Permit)
    (reply,) = await snmp.ask(door, permit, 161, Context(("public",), 0.1, engine.oids_for))
    system = AGENTS[name]["system"]
    walk = [Fact(oid, text.partition(": ")[2]) for oid, text in AGENTS[name]["oids"].items()]
    walk += [Fact("1.3.6.1.2.1.1.1.0", system["descr"]), Fact(snmp.SYS_OBJECT_ID, system["object_id"])]
    offline = answer(engine, name, walk, "snmp")
    live = answer(engine, name, list(reply.facts), "snmp")
    assert [live[field] for field in FIELDS] == [offline[field] for field in FIELDS]
    assert offline["model"]
    assert door.questions <= snmp.MOST_REQUESTS


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.lab
@pytest.mark.skipif(bool(why_not()), reason=why_not() or "recorded agents")
def test_a_scan_of_recorded_agents_tells_what_identify_tells_of_their_walks(engine: Fingerprinter) -> None:
    live = compared(scanned(EVERY), engine)
    assert not live.differ
    assert sum(live.requests.values()) > 40
    assert live.devices > 40
    assert 0 < min(live.requests) <= max(live.requests) <= snmp.MOST_REQUESTS
