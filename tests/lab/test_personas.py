"""Every persona: readable, honest about its ports, a real vendor's address, able to speak."""

import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import netaddr
import pytest

from agent.probes import PROBES
from lab.persona import FOLDER, Persona, load_persona, load_personas, placeholders
from lab.speaks import Host, Speaking, speaks
from lab.speaks.http import HttpSettings, HttpsSettings
from lab.speaks.settings import PortSettings
from lab.speaks.ssdp import SsdpSettings
from lab.speaks.telnet import TelnetSettings
from lab.speaks.wsd import WsdSettings
from tests.lab.pretend_device import Spoken, ask_tcp, run

PERSONAS = load_personas()
NAMES = sorted(PERSONAS)
WITH_DEFAULT_LOGIN = [
    name
    for name in NAMES
    if PERSONAS[name].truth.default_login == "yes"
    # The login of these is a real daemon's, which the tests of the office try.
    and name not in ("ubiquiti-uap", "mqtt-gateway")
]
ARTICLES = tuple(str(number) for number in range(21, 31))
KEYS = {*ARTICLES, "m-a", "m-b", "a-j", "b-f", "b-g", "b-h", "CC-14000", "CC-14000-5"}
# One address for each process: tests run side by side, and the ports are the personas' own.
LOOPBACK = f"127.{9 + os.getpid() // 65_536 % 200}.{os.getpid() // 256 % 256}.{os.getpid() % 256}"
PLAINTEXT = {"telnet", "ftp", "telnetd", "vsftpd"}
SAMPLE = placeholders(
    mac="00:26:73:0a:0b:0c",
    ip=LOOPBACK,
    n=1,
    given={"hostname": "dev-1", "serial": "S-1", "firmware": "1.0", "location": "", "owner": ""},
)
CLASSES = {
    *("printer", "scanner", "fax", "camera", "recorder", "pbx", "phone", "access-point"),
    *("wlan-controller", "switch", "router", "firewall", "nas", "ups", "pdu"),
    *("environmental-sensor", "access-control", "intercom", "av", "display", "kvm-bmc"),
    *("building-automation", "media", "server", "workstation", "mobile", "other", "unknown"),
}


@pytest.fixture(params=NAMES)
def persona(request: pytest.FixtureRequest) -> Persona:
    """Each persona in turn."""
    return PERSONAS[request.param]


def test_there_are_enough_kinds_for_an_office() -> None:
    kinds = Counter(persona.truth.device_class for persona in PERSONAS.values())
    assert len(PERSONAS) >= 45
    assert len(kinds) >= 22
    assert set(kinds) <= CLASSES
    assert any(persona.fragile for persona in PERSONAS.values())
    assert any(persona.silent and persona.arp for persona in PERSONAS.values())
    assert any(persona.connection == "none" for persona in PERSONAS.values())


def test_a_persona_is_in_the_file_of_its_name(persona: Persona) -> None:
    assert Path(persona.place.file).stem == persona.name
    assert Path(persona.place.file).parent == FOLDER


def test_the_address_belongs_to_a_vendor(persona: Persona) -> None:
    owner = netaddr.EUI(f"{persona.oui}:00:00:01").oui.registration().org
    vendor = persona.truth.vendor.split(" ")[0].lower()
    bought = {
        "aruba": "hewlett",
        "axis": "axis",
        "apc": "american",
        "d-link": "d-link",
        "mikrotik": "routerboard",
    }
    assert owner
    if vendor:
        assert (
            re.sub(r"\W", "", bought.get(vendor, vendor))
            in re.sub(r"\W", "", owner.lower()) + "hidcorporation"
        )


def test_the_page_of_personas_says_what_the_file_says(persona: Persona) -> None:
    page = (FOLDER.parents[1] / "docs" / "lab-personas.md").read_text(encoding="utf-8")
    truth = persona.truth
    assert f"| {persona.name} | {truth.device_class} | {persona.title} | {truth.default_login} |\n" in page


def test_every_article_and_item_has_its_verdict(persona: Persona) -> None:
    assert set(persona.truth.verdicts) == KEYS


def test_a_device_decided_out_of_scope_is_judged_by_no_other_article(persona: Persona) -> None:
    verdicts = persona.truth.verdicts
    # Its own ports do not make an office computer certain: it is taken to be in scope until somebody decides.
    thin = persona.truth.device_class in ("unknown", "other", "workstation")
    assert verdicts["21"] == ("undetermined" if thin else "compliant")
    if persona.truth.in_scope or thin:
        assert verdicts["22"] == "breach"
    else:
        assert {verdicts[article] for article in ARTICLES[1:]} == {"not-applicable"}


def test_paperwork_is_never_settled_by_a_scan(persona: Persona) -> None:
    if persona.truth.in_scope:
        assert {persona.truth.verdicts[article] for article in ("26", "27", "28")} == {"undetermined"}


def test_a_breach_of_24_or_25_is_what_the_device_really_leaves_open(persona: Persona) -> None:
    spoken = {served.name: served.table.plain() for served in persona.serves}
    if not persona.truth.in_scope:
        return
    plaintext = bool(PLAINTEXT & set(spoken))
    assert persona.truth.verdicts["25"] == ("breach" if plaintext else "undetermined")
    breached = persona.truth.verdicts["24"] == "breach"
    if list(_left_open(persona)):
        assert breached
    if breached and not list(_left_open(persona)):
        assert persona.truth.default_login == "yes", "a published login that still works"
    assert persona.truth.verdicts["29"] in ("undetermined", "not-applicable")


def test_a_default_login_that_the_truth_names_is_among_the_accounts(persona: Persona) -> None:
    accounts = [account for table in _accounts(persona) for account in table.items()]
    if persona.truth.default_login == "yes":
        assert accounts
    if persona.truth.default_login in ("none-asked", "not-applicable"):
        assert not accounts


def test_what_the_truth_names_is_spoken_somewhere(persona: Persona) -> None:
    words = " ".join(Path(persona.place.file).read_text().partition("\ntruth:")[0].split())
    served = words.partition("serves:")[2]
    for fact in ("serial", "firmware"):
        if f"{{{fact}}}" in getattr(persona.truth, fact):
            assert f"{{{fact}}}" in served
    if persona.truth.model:
        assert re.sub(r"\W", "", persona.truth.model).lower() in re.sub(r"\W", "", served).lower()


async def test_it_speaks_on_every_port_it_says(persona: Persona) -> None:
    async with _playing(persona) as (_, logins):
        assert logins == []


@pytest.mark.parametrize("name", WITH_DEFAULT_LOGIN)
async def test_the_default_login_really_lets_one_in(name: str) -> None:
    async with _playing(PERSONAS[name]) as (ports, logins):
        for spoken, port in ports:
            if isinstance(spoken, HttpSettings):
                await _log_in_over_http(spoken, port)
            elif isinstance(spoken, TelnetSettings):
                for account, password in spoken.accounts.items():
                    asked = f"{account}\n" if spoken.login_prompt else ""
                    await ask_tcp(Spoken(LOOPBACK, port), f"{asked}{password}\nexit\n".encode())
    assert logins
    assert {outcome for _, _, outcome in logins} == {"accepted"}


def test_a_host_name_is_spoken_by_whoever_has_one(persona: Persona) -> None:
    text = Path(persona.place.file).read_text().partition("serves:")[2]
    names = {served.name for served in persona.serves}
    spoken = (
        "{hostname}" in text
        or names & {"snmp", "mdns", "nbns", "bacnet", "ippeveprinter"}
        or persona.lldp is not None
    )
    assert bool(spoken) or not persona.hostname


def test_what_it_advertises_can_be_fetched_there(persona: Persona) -> None:
    settings = [served.settings(SAMPLE) for served in persona.serves if served.by == "protocol"]
    mounted = {
        (web.port, getattr(web, mount).path)
        for web in settings
        if isinstance(web, HttpSettings)
        for mount in ("upnp", "onvif", "dpws")
        if getattr(web, mount)
    }
    for spoken in settings:
        addresses = spoken.addresses if isinstance(spoken, WsdSettings) else ()
        addresses += (spoken.location,) if isinstance(spoken, SsdpSettings) else ()
        for address in map(urlsplit, addresses):
            assert (address.port or 80, address.path) in mounted


async def test_the_catalyst_answers_net_snmp_as_a_catalyst() -> None:
    persona = PERSONAS["cisco-catalyst-2960"]
    values = placeholders(
        mac="6c:03:b5:00:00:01",
        ip=LOOPBACK,
        n=3,
        given={
            "hostname": "sw-1",
            "serial": "FOC0003X0LD",
            "firmware": "12.2(55)SE12",
            "location": "4F",
            "owner": "",
        },
    )
    settings = persona.serves[0].settings(values).model_copy(update={"port": 10_161})
    host = Host("sw-1", persona.name, LOOPBACK, values["mac"], "sw-1", values["serial"], "lo")
    server = await speaks("snmp").serve(host, settings)
    try:
        _, said = await run(
            "snmpget", "-Oqv", "-v2c", "-c", "public", "-r0", "-t2", f"{LOOPBACK}:10161",
            ".1.3.6.1.2.1.1.1.0", ".1.3.6.1.2.1.1.5.0", ".1.3.6.1.2.1.47.1.1.1.1.11.1001",
        )  # fmt: skip
    finally:
        await server.close()
    assert "Version 12.2(55)SE12, RELEASE SOFTWARE" in said
    assert [line.strip('"') for line in said.splitlines()[-2:]] == ["sw-1", "FOC0003X0LD"]


def test_a_stranger_among_the_ports_is_refused(tmp_path: Path) -> None:
    text = (FOLDER / "thin-evidence.yaml").read_text().replace("[tcp/80]", "[tcp/80, tcp/81]")
    (tmp_path / "thin-evidence.yaml").write_text(text)
    with pytest.raises(Exception, match=r"thin-evidence\.yaml:\d+: truth\.ports"):
        load_persona(tmp_path / "thin-evidence.yaml")


@asynccontextmanager
async def _playing(
    persona: Persona,
) -> AsyncIterator[tuple[list[tuple[PortSettings, int]], list[tuple[str, str, str]]]]:
    """The persona's protocols on loopback: (settings, port really taken), and the logins tried."""
    faults: list[str] = []
    logins: list[tuple[str, str, str]] = []
    host = Host(
        name=persona.name,
        persona=persona.name,
        ip=LOOPBACK,
        mac=SAMPLE["mac"],
        hostname="dev-1" if persona.hostname else "",
        serial="S-1",
        interface="lo",
        log_login=lambda *entry: logins.append(entry),
        log_fault=faults.append,
    )
    servers: list[Speaking] = []
    ports: list[tuple[PortSettings, int]] = []
    try:
        for served in persona.serves:
            if served.by == "protocol":
                # Ordinary users may not bind below 1024, and the machine may hold some ports.
                settings = served.settings(SAMPLE)
                moved = settings.model_copy(update={"port": settings.port % 20_000 + 10_000})
                servers.append(await speaks(served.name).serve(host, moved))
                ports.append((moved, moved.port))
        yield ports, logins
    finally:
        for server in servers:
            await server.close()
    assert faults == []


async def _log_in_over_http(web: HttpSettings, port: int) -> None:
    """Each account of each login, by curl: the form as a browser sends it, or the header."""
    curl = ("curl", "-sk", "-m", "5", "--ciphers", "DEFAULT:@SECLEVEL=0", "--noproxy", "*")
    base = f"{'https' if isinstance(web, HttpsSettings) else 'http'}://{LOOPBACK}:{port}"
    for login in web.logins:
        for account, password in login.accounts.items():
            if login.kind == "form":
                filled = {login.account_field: account, login.password_field: password}
                if login.token_field:
                    filled[login.token_field] = await _token(web, login.token_field, curl, base)
                await run(*curl, "-d", urlencode(filled), base + login.action)
            else:
                await run(*curl, f"--{login.kind}", "-u", f"{account}:{password}", base + login.protects[0])


async def _token(web: HttpSettings, field: str, curl: tuple[str, ...], base: str) -> str:
    """The token that the page with the form gives out."""
    page = next(path for path, page in web.pages.items() if "{form}" in page.body)
    _, shown = await run(*curl, base + page)
    found = re.search(rf'name="{field}" value="(\w+)"', shown)
    assert found, "the form bears no token"
    return found[1]


def _left_open(persona: Persona) -> Iterator[str]:
    for served in persona.serves:
        settings = served.table.plain()
        if served.name == "snmp" and "public" in settings.get("communities", ["public"]):  # type: ignore[operator]
            yield "the community public"
        if settings.get("anonymous") == "yes":
            yield "anonymous access"
        if served.name == "telnet" and settings.get("open") == "yes":
            yield "a shell without login"
        if served.name == "rtsp" and settings.get("login") == "none":
            yield "an open stream"
    if persona.name in ("hp-laserjet-m404dn", "moxa-nport-5110", "moxa-iologik-e1212"):
        yield "an administration page without login"


def _accounts(persona: Persona) -> Iterator[dict[str, object]]:
    for served in persona.serves:
        settings = served.table.plain()
        for login in (settings, *settings.get("logins", ())):  # type: ignore[misc]
            found = login.get("accounts", {})
            if isinstance(found, dict):
                yield found


def test_every_probe_meets_a_persona_that_speaks_its_protocol() -> None:
    spoken = {served.name for persona in PERSONAS.values() for served in persona.serves}
    meets = {"tls": "https", "mqtt": "mosquitto", "status-page": "http", "greeting": "quiet"}
    assert {probe.name for probe in PROBES if meets.get(probe.name, probe.name) not in spoken} == set()
