"""Every parser: what it reads of a good reply, and that no bytes whatever make it raise."""

import hashlib
from pathlib import Path

import pytest
from captures import (
    CAPTURES,
    DESCRIPTION,
    HTTP_PAGE,
    I_AM,
    MODBUS_ANSWER,
    MODEL_NAME,
    PROBE_MATCH,
    RTSP_ANSWER,
    SIP_ANSWER,
    TELNET_GREETING,
    Capture,
    certificate,
    ipp_answer,
    kexinit,
    mdns_answer,
    node_status,
    snmp_report,
    snmp_response,
    ssh_packet,
)
from hypothesis import given
from hypothesis import strategies as st

import agent.probes
from agent.probes import (
    PROBES,
    bacnet,
    greeting,
    http_message,
    ipp,
    mdns,
    modbus,
    multicast,
    nbns,
    rtsp,
    sip,
    ssdp,
    ssh,
    telnet,
    tls,
    wsd,
)
from agent.probes import (
    page as page_of,
)
from agent.probes.gear import Neighbour, tables_of
from agent.probes.reply import Garbled, answered, clean, masked, steady_challenge, steady_cookie
from agent.snmp_codec import Response, discovery, parse, parse_report
from agent.snmp_usm import Engine
from inventory.types import Touch

by_name = pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture.name)


@by_name
def test_a_whole_reply_is_read(capture: Capture) -> None:
    assert not isinstance(capture.parse(capture.data), Garbled)


@by_name
def test_every_beginning_of_a_reply_is_read_or_garbled(capture: Capture) -> None:
    for size in range(len(capture.data)):
        capture.parse(capture.data[:size])


@by_name
@given(data=st.data())
def test_a_damaged_reply_is_read_or_garbled(capture: Capture, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(capture.data) - 1))
    wrong = data.draw(st.binary(max_size=6))
    capture.parse(capture.data[:at] + wrong + capture.data[at + len(wrong) :])


@by_name
@given(noise=st.binary(max_size=300))
def test_noise_is_read_or_garbled(capture: Capture, noise: bytes) -> None:
    capture.parse(noise)


def test_http_facts_of_a_chunked_page_behind_a_password() -> None:
    page = http_message.parse(HTTP_PAGE)
    assert isinstance(page, http_message.Page)
    assert set(page_of.describe(page)) >= {
        ("http.status", "401"),
        ("http_servers", "Rapid Logic/1.1"),
        ("http_wwwauth", 'Basic realm="printer"'),
        ("html_title", "Web & Image"),
        ("http.login", "basic"),
    }


@pytest.mark.parametrize(
    ("body", "login"),
    [
        ("<title>A</title><form><input type=password name=p></form>", "form"),
        ("<title>A</title><form><input TYPE='Password'></form>", "form"),
        ("<title>Settings</title><h1>Network</h1>" + "word " * 30, "none"),
        ("<title>A</title><p>Please log in first</p>", ""),
        ("<title>A</title><div id=app></div><script src=app.js></script>", ""),
        ("<title>A</title><script>location.href='/login.html'</script>", ""),
        ("<frameset><frame src=a></frameset><title>A</title>", ""),
        ("no title", ""),
    ],
)
def test_a_login_is_absent_only_where_the_page_shows_that_it_is(body: str, login: str) -> None:
    page = http_message.parse(f"HTTP/1.1 200 OK\r\n\r\n{body}".encode())
    assert isinstance(page, http_message.Page)
    assert page_of.login_of(page) == login


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        ("HTTP/1.1 302 Found\r\nLocation: /web/index.html\r\n\r\n", "/web/index.html"),
        ("HTTP/1.1 302 Found\r\nLocation: http://10.0.0.9/a?b=1\r\n\r\n", "/a?b=1"),
        ("HTTP/1.1 302 Found\r\nLocation: https://10.0.0.9/\r\n\r\n", "https://10.0.0.9/"),
        ('HTTP/1.1 200 OK\r\n\r\n<meta http-equiv="refresh" content="0; url=/home">', "/home"),
        ("HTTP/1.1 200 OK\r\n\r\n<script>window.location='/x'</script>", "/x"),
    ],
)
def test_where_a_page_sends_a_browser(answer: str, path: str) -> None:
    page = http_message.parse(answer.encode())
    assert isinstance(page, http_message.Page)
    assert page_of.next_page(page).endswith(path)


def test_certificate_names_are_written_most_specific_first() -> None:
    facts = dict(tls.parse(certificate()))  # type: ignore[arg-type]
    assert facts["x509_subjects"] == "CN=cam,O=Vivotek\\, Inc.,C=TW"
    assert facts["tls.not_after"] == "2030-01-01"
    assert facts["tls.self_signed"] == "yes"
    assert len(facts["tls.key"]) == 64


def test_the_ssh_banner_may_come_after_a_warning() -> None:
    assert ssh.parse_banner(b"Keep out\r\nSSH-2.0-dropbear_2022.83\r\n") == "dropbear_2022.83"
    assert isinstance(ssh.parse_banner(b"220 ftp\r\n"), Garbled)


def test_ssh_packets_are_cut_at_their_own_length() -> None:
    both = ssh_packet(kexinit()) + ssh_packet(b"\x1f")
    assert ssh.parse_packets(both) == [kexinit(), b"\x1f"]
    assert ssh.parse_packets(both[:-1]) == [kexinit()]


def test_telnet_options_are_declined_and_left_out_of_the_text() -> None:
    assert telnet.parse(TELNET_GREETING) == (
        "\r\nswitch login: ",
        bytes((255, 252, 24, 255, 254, 1)),  # WONT terminal type, DONT echo
    )


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("\r\nswitch login: ", "login"),
        ("Username:", "login"),
        ("Password: ", "password"),
        ("BusyBox v1.2\r\n~ # ", "shell"),
        ("router>", "shell"),
        ("Welcome! Press any key to continue >", ""),
        ("Menu\r\n1) Status\r\nYour choice?", ""),
        ("", ""),
    ],
)
def test_a_telnet_shell_is_told_from_a_login(text: str, prompt: str) -> None:
    assert telnet.prompt_of(text) == prompt


def test_ftp_greetings_lose_their_codes() -> None:
    assert greeting.parse(b"220-Welcome\r\n220 AXIS ready.\r\n") == "Welcome\nAXIS ready."
    assert isinstance(greeting.parse(b"421 Too many users\r\n"), Garbled)


def test_mdns_facts_through_compressed_names() -> None:
    records = mdns.parse(mdns_answer())
    assert not isinstance(records, Garbled)
    assert set(mdns.describe(records)) == {
        ("mdns.service", "_ipp._tcp"),
        ("mdns.instance", "Office"),
        ("mdns.txt.ty", "Brother HL"),
        ("mdns.txt.uuid", "1"),
        ("mdns.hostname", "BRN1"),
    }


def test_a_dns_name_that_points_to_itself_ends() -> None:
    looped = bytes.fromhex("000084000000000100000000") + b"\xc0\x0c" + bytes(10)
    assert isinstance(mdns.parse(looped), Garbled)


def test_ipp_values_with_and_without_language() -> None:
    assert ipp.parse(ipp_answer()) == (
        ("printer-make-and-model", "HP LaserJet M404"),
        ("printer-info", "3rd"),
        ("ipp-versions-supported", "1.1"),
        ("ipp-versions-supported", "2.0"),
    )


def test_node_status_names_and_adapter() -> None:
    assert nbns.parse(node_status()) == (
        ("nbns.name", "PC-1"),
        ("nbns.group", "FIRM"),
        ("nbns.server", "PC-1"),
        ("nbns.mac", "64:4e:d7:39:a0:d1"),
    )


def test_rtsp_sip_upnp_and_discovery_facts() -> None:
    assert ("rtsp_servers", "Rtsp Server/3.0") in rtsp.parse(RTSP_ANSWER)  # type: ignore[operator]
    assert ("sip_user_agents", "Yealink SIP-T46U 108.86.0.20") in sip.parse(SIP_ANSWER)  # type: ignore[operator]
    assert ("upnp.manufacturer", "A & B") in ssdp.parse_description(DESCRIPTION.decode())  # type: ignore[operator]
    assert ("wsd.types", "dn:NetworkVideoTransmitter") in wsd.parse(PROBE_MATCH)  # type: ignore[operator]


def test_building_controllers_name_themselves() -> None:
    assert bacnet.parse_i_am(I_AM) == 1200
    assert bacnet.parse_text(MODEL_NAME) == (70, "DSC-1212E")
    assert modbus.parse(MODBUS_ANSWER) == (
        ("modbus.vendor-name", "Moxa Inc."),
        ("modbus.product-code", "E1212"),
        ("modbus.revision", "V3.2"),
    )
    exception = bytes((0, 1, 0, 0, 0, 3, 255, 0xAB, 1))
    assert isinstance(modbus.parse(exception), Garbled)


def test_what_the_segment_answers_is_read_as_if_asked_alone() -> None:
    told = multicast.read_mdns((b"noise", mdns_answer()))
    assert told is not None
    assert ("mdns.hostname", "BRN1") in {(fact.name, fact.value) for fact in told.facts}
    match = multicast.read_wsd((b"noise", PROBE_MATCH))
    assert match is not None
    assert match.source == "wsd"
    assert multicast.read_ssdp((b"noise",)) is None
    assert multicast.read_mdns(()) is None


def test_snmp_values_as_text() -> None:
    answer = parse(snmp_response())
    assert isinstance(answer, Response)
    assert dict(answer.variables) == {
        "1.3.6.1.2.1.1.1.0": "Printer\r\nModel 7",
        "1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.11.2.3.9.1",
        "1.3.6.1.2.1.2.2.1.6.1": "41:42:43:44:45:46",
        "1.3.6.1.2.1.1.3.0": "256",
    }


def test_the_engine_id_of_a_report_and_only_of_a_report() -> None:
    engine = parse_report(snmp_report())
    assert isinstance(engine, Engine)
    assert engine.id.hex() == "8000000903e80ab948d137"
    assert isinstance(parse_report(discovery(7)), Garbled)  # an empty engine id is nobody's


def test_switch_and_router_tables() -> None:
    tables = tables_of(
        [
            ("1.3.6.1.2.1.4.20.1.1.10.0.0.1", "10.0.0.1"),
            ("1.3.6.1.2.1.4.22.1.2.3.10.0.0.9", "02:00:00:00:00:09"),
            ("1.3.6.1.2.1.4.22.1.2.3.10.0.0.10", "nonsense"),
            ("1.3.6.1.2.1.17.4.3.1.2.2.0.0.0.0.9", "7"),
            ("1.3.6.1.2.1.17.7.1.2.2.1.2.1.2.0.0.0.0.8", "8"),
            ("1.3.6.1.2.1.17.7.1.2.2.1.2.1.2.0.0.0.0.7", "0"),
            ("1.3.6.1.2.1.17.1.4.1.2.7", "107"),
            ("1.3.6.1.2.1.31.1.1.1.1.107", "Gi1/0/7"),
            ("1.0.8802.1.1.2.1.4.1.1.5.0.7.1", "02:00:00:00:00:09"),
            ("1.0.8802.1.1.2.1.4.1.1.9.0.7.1", "ap-3f"),
        ]
    )
    assert tables.own == {"10.0.0.1"}
    assert tables.arp == {"10.0.0.9": "02:00:00:00:00:09"}
    assert tables.ports == {"02:00:00:00:00:09": "Gi1/0/7", "02:00:00:00:00:08": "8"}
    assert tables.neighbours == (Neighbour("Gi1/0/7", "02:00:00:00:00:09", "ap-3f", ""),)


@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=30))))
def test_tables_of_nonsense_are_empty_or_partial(variables: list[tuple[str, str]]) -> None:
    prefix = "1.3.6.1.2.1.17.4.3.1.2."
    tables_of([(prefix + oid, value) for oid, value in variables] + variables)


@given(st.text())
def test_facts_have_no_control_characters(text: str) -> None:
    cleaned = clean(text)
    assert all(character.isprintable() or character == "\n" for character in cleaned)
    assert "\n\n" not in cleaned


@pytest.mark.parametrize(
    "evidence",
    [
        "password=hunter2",
        "Set-Cookie: SESSIONID=hunter2;",
        'nonce="hunter2"',
        "community: hunter2",
        '"token":"hunter2"',
    ],
)
def test_an_excerpt_shows_no_secret(evidence: str) -> None:
    assert "hunter2" not in masked(evidence.encode())


def test_what_is_drawn_anew_each_time_is_no_fact() -> None:
    assert steady_challenge('Digest realm="x", nonce="a1b2", opaque=c3, qop="auth"') == (
        'Digest realm="x", nonce=*, opaque=*, qop="auth"'
    )
    assert steady_cookie("JSESSIONID=6ooov35i4l3n36;Path=/;secure") == "JSESSIONID=*;Path=/;secure"
    assert steady_cookie("webvpn_portal=; path=/") == "webvpn_portal=; path=/"


def test_the_digest_is_that_of_the_raw_bytes() -> None:
    reply = answered(
        "ftp", "tcp/21", [("ftp_banners", "x"), ("ftp_banners", "x"), ("empty", " ")], b"220 x\r\n"
    )
    assert reply.digest == hashlib.sha256(b"220 x\r\n").hexdigest()
    assert [(fact.name, fact.value) for fact in reply.facts] == [("ftp_banners", "x")]


def test_every_probe_is_in_the_registry_declares_its_touch_and_says_why_it_is_harmless() -> None:
    folder = Path(agent.probes.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {
        "__init__",
        "reply",
        "xml_text",
        "gear",
        "multicast",
        "unfinished",
        "charset",
        "favicon",
        "http_message",
        "page",
        "tls_offer",
        "walk",
    }
    assert {probe.ask.__module__.rpartition(".")[2] for probe in PROBES} == modules
    for probe in PROBES:
        module = __import__(probe.ask.__module__, fromlist=["__doc__"])
        assert probe.touch is Touch.QUERY
        assert "armless because" in (module.__doc__ or ""), probe.name
