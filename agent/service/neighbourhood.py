"""What network gear knows of the others: MACs beyond the router, silent devices, switch ports.

A router's ARP table names devices that answer nothing we may ask, and gives routed devices their MAC; a
switch's forwarding table and LLDP neighbours say where a device is plugged in, hence how it is connected,
without asking anyone. Nothing is invented: every such fact names the device that said it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from agent.permit import Permit
from agent.probes.gear import read_tables
from agent.probes.reply import Reply
from agent.probes.snmp import SNMP
from agent.service.interview import Interview, Notebook
from agent.service.interviewer import Interviewer
from agent.service.wiring import FORWARDING, Neighbourhood
from agent.transport.talk import Failed
from inventory.types import (
    Attribute,
    Claim,
    ConnectionMethod,
    DeviceClass,
    Fact,
    Observation,
    ProbeOutcome,
    Sighting,
    Target,
)

ARP_TABLE: Final = "arp-table"
FDB: Final = "fdb"
LLDP: Final = "lldp"

_SYS_SERVICES: Final = "1.3.6.1.2.1.1.7.0"
_FORWARDS: Final = 0b110  # RFC 3418: layer 2 (bridge) counts 2, layer 3 (router) counts 4
_BRIDGE_CERTAINTY: Final = 0.8


async def learn(interviewer: Interviewer, told: Interview, known: Neighbourhood) -> None:
    """Adds its tables to `known`, where the device forwards and answered SNMP.

    A router met at five addresses is one router with one set of tables, whichever segment met it first.
    """
    identity = _identity(told)
    permit = interviewer.gate.admit(told.target.ip, SNMP.touch, mac=told.target.mac)
    if told.trouble or not _forwards(told) or identity in known.gear or not isinstance(permit, Permit):
        return
    known.gear.add(identity)
    tables = await read_tables(interviewer.door, permit, SNMP.ports[0], interviewer.context)
    if isinstance(tables, Failed):
        known.gear.discard(identity)
    else:
        known.add(name_of(told), tables)


def sightings(
    notebook: Notebook, neighbourhood: Neighbourhood, told: Sequence[Interview]
) -> Iterator[Sighting]:
    """What the neighbourhood adds to the devices we met."""
    classes = _classes(neighbourhood, told)
    for one in told:
        if one.refused:
            continue
        mac, gear = (one.target.mac, "") if one.target.mac else neighbourhood.mac_of(one.target.ip)
        if mac:
            target = Target(one.target.ip, mac, one.target.site, one.target.segment)
            # The device's own words go along, so that the register knows whom the MAC belongs to.
            own_name, already = name_of(one), one.claims
            found = _sighting(
                notebook, neighbourhood, target, gear, classes, own_name=own_name, already=already
            )
            if found.observations:
                yield found


def hearsay(notebook: Notebook, neighbourhood: Neighbourhood, target: Target) -> Sighting:
    """What is known of a device that answers nothing."""
    _mac, gear = neighbourhood.mac_of(target.ip)
    return _sighting(notebook, neighbourhood, target, gear, {})


def name_of(told: Interview) -> str:
    """What the gear calls itself, else its address."""
    name = told.concluded.get(Attribute.HOSTNAME)
    return name.value if name else told.target.ip


def _forwards(told: Interview) -> bool:
    facts = {
        fact.name: fact.value for one in told.observations if one.source == SNMP.name for fact in one.facts
    }
    if "snmp_sysdescr" not in facts:
        return False
    services = facts.get(_SYS_SERVICES, "0")
    return (services.isdecimal() and bool(int(services) & _FORWARDS)) or told.kind in FORWARDING


def _classes(neighbourhood: Neighbourhood, told: Sequence[Interview]) -> dict[str, DeviceClass]:
    """What the MACs of this run belong to."""
    macs = ((one, one.target.mac or neighbourhood.mac_of(one.target.ip)[0]) for one in told)
    return {mac: one.kind for one, mac in macs if mac and Attribute.DEVICE_CLASS in one.concluded}


def _identity(told: Interview) -> str:
    concluded = told.concluded
    known = [concluded[what].value for what in (Attribute.ENGINE_ID, Attribute.SERIAL) if what in concluded]
    return known[0] if known else told.target.ip


def _sighting(
    notebook: Notebook,
    neighbourhood: Neighbourhood,
    target: Target,
    arp_said_by: str,
    classes: Mapping[str, DeviceClass],
    *,
    own_name: str = "",
    already: Sequence[Claim] = (),
) -> Sighting:
    observations: list[Observation] = []
    claims: list[Claim] = list(already)

    def observe(source: str, facts: list[Fact]) -> None:
        reply = Reply(source, ProbeOutcome.ANSWERED, None, tuple(facts))
        observation, claimed = notebook.enter(target, reply)
        observations.append(observation)
        claims.extend(claimed)

    if arp_said_by and target.mac:
        observe(ARP_TABLE, [Fact("arp.mac", target.mac), Fact("arp.said_by", arp_said_by)])
    plug = neighbourhood.plug_of(target.mac or "", classes)
    if plug is not None:
        observe(
            FDB,
            [
                Fact(name, text)
                for name, text in (
                    ("fdb.switch", plug.switch),
                    ("fdb.port", plug.port),
                    ("fdb.rule", plug.rule),
                    ("fdb.vlan", neighbourhood.vlan_of(target.mac or "")),
                    ("wlan.ssid", neighbourhood.ssid_of(target.mac or "")),
                )
                if text
            ],
        )
        if plug.port:
            place = f"{plug.switch} {plug.port}"
            claims.append(Claim(Attribute.SWITCH_PORT, place, plug.certainty, plug.rule, FDB))
        vlan, ssid = neighbourhood.vlan_of(target.mac or ""), neighbourhood.ssid_of(target.mac or "")
        if vlan:
            claims.append(Claim(Attribute.VLAN, vlan, plug.certainty, "fdb.vlan", FDB))
        if ssid:
            claims.append(Claim(Attribute.SSID, ssid, plug.certainty, "wlan.ssid", FDB))
        claims.append(Claim(Attribute.CONNECTION_METHOD, plug.method.value, plug.certainty, plug.rule, FDB))
    elif (
        own_name and neighbourhood.is_bridge(own_name) and classes.get(target.mac or "") is DeviceClass.SWITCH
    ):
        observe(FDB, [Fact("fdb.rule", "fdb.bridge")])
        wired = ConnectionMethod.WIRED.value
        claims.append(Claim(Attribute.CONNECTION_METHOD, wired, _BRIDGE_CERTAINTY, "fdb.bridge", FDB))
    for gear, tables in neighbourhood.tables:
        for neighbour in tables.neighbours:
            if neighbour.mac and neighbour.mac == target.mac:
                facts = [("lldp.sysname", neighbour.name), ("lldp.sysdesc", neighbour.description)]
                observe(
                    LLDP, [Fact(name, text) for name, text in facts if text] + [Fact("lldp.said_by", gear)]
                )
    return notebook.sighting(target, observations, claims)
