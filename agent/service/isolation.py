"""Isolation over the register: what was measured so far, and the networks it was measured between."""

import ipaddress
from collections import defaultdict
from datetime import datetime
from pathlib import Path

from agent.bars import Network
from agent.isolation import expected
from agent.isolation.matrix import Measured
from inventory.exits import UsageFault
from inventory.language import _
from inventory.register import Register
from inventory.settings import Settings


def measured(register: Register, settings: Settings, at: datetime) -> Measured:
    """Every way as last measured, against the matrix the settings name."""
    path = settings.isolation.expected
    segments: dict[str, set[str]] = defaultdict(set)
    families: dict[tuple[str, str], set[int]] = defaultdict(set)
    for scope in register.scopes():
        segments[scope.site].add(scope.segment)
        version = ipaddress.ip_network(scope.network, strict=False).version
        families[scope.site, scope.segment].add(version)
    return Measured(
        register.crossings(),
        expected.read(Path(path) if path else None),
        {site: frozenset(names) for site, names in segments.items()},
        settings.isolation.days,
        at,
        {key: frozenset(versions) for key, versions in families.items()},
    )


def networks_of(register: Register, site: str) -> dict[str, list[Network]]:
    """The networks of each segment in scope; UsageFault where no site is named and there are several."""
    scopes = register.scopes()
    sites = sorted({scope.site for scope in scopes})
    if not site and len(sites) > 1:
        raise UsageFault(_("say which site: {sites}").format(sites=", ".join(sites)))
    found: dict[str, list[Network]] = defaultdict(list)
    for scope in scopes:
        if not site or scope.site == site:
            found[scope.segment].append(ipaddress.ip_network(scope.network, strict=False))
    return dict(found)
