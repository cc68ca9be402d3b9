"""Telnet, FTP, SSH, RTSP, SIP, Modbus and the raw print port, asked by real clients where there are some."""

import asyncio
import ftplib
import re

import pytest

from lab.speaks.authorization import Challenge
from tests.lab.pretend_device import ask_tcp, ask_udp, run, speaking

SWITCH = {"banner": "User Access\n", "login_prompt": "Username: ", "accounts": {"cisco": "cisco"}}


async def test_telnet_asks_lets_in_and_writes_each_try_down() -> None:
    async with speaking("telnet", **SWITCH, shell_prompt="sw> ") as device:
        said = await ask_tcp(device, b"", b"cisco\r\n", b"guess\r\n", b"cisco\r\n", b"cisco\r\n", b"exit\r\n")
    assert said.startswith(b"\xff\xfd\x18\xff\xfd\x1f\xff\xfb\x01\xff\xfb\x03User Access\r\n")
    assert b"User Access\r\nUsername: " in said
    assert b"Login incorrect" in said
    assert said.endswith(b"sw> ")
    assert device.logins == [("telnet", "cisco", "refused"), ("telnet", "cisco", "accepted")]


async def test_telnet_hangs_up_after_three_wrong_tries() -> None:
    async with speaking("telnet", **SWITCH) as device:
        await ask_tcp(device, *[b"a\r\nb\r\n"] * 4)
    assert device.logins == [("telnet", "a", "refused")] * 3


async def test_telnet_options_are_refused_and_are_no_part_of_the_name() -> None:
    async with speaking("telnet", **SWITCH) as device:
        said = await ask_tcp(
            device, b"\xff\xfd\x18\xff\xfb\x1fcis", b"\xff\xfa\x18\x00\xff\xf0co\r\ncisco\r\n"
        )
    assert b"\xff\xfc\x18" in said
    assert b"\xff\xfe\x1f" in said
    assert device.logins == [("telnet", "cisco", "accepted")]


async def test_empty_lines_are_asked_again_and_are_no_try() -> None:
    async with speaking("telnet", **SWITCH) as device:
        said = await ask_tcp(device, b"\r\n\r\n")
    assert said.count(b"Username: ") == 3
    assert device.logins == []


async def test_an_open_telnet_shows_its_shell_at_once() -> None:
    async with speaking("telnet", banner="Model name : NPort 5110\n", open="yes") as device:
        said = await ask_tcp(device, b"")
    assert b"Model name : NPort 5110\r\n# " in said
    assert device.logins == []


@pytest.mark.parametrize("anonymous", ["yes", "no"])
async def test_ftplib_gets_in_only_where_anonymous_is_let_in(anonymous: str) -> None:
    def visit(port: int) -> str:
        with ftplib.FTP(timeout=5) as client:
            client.connect("127.0.0.1", port)
            welcome = client.getwelcome()
            try:
                client.login()
            except ftplib.error_perm as refusal:
                return f"{welcome} / {refusal}"
            return f"{welcome} / {client.pwd()}"

    async with speaking("ftp", banner="RICOH FTP server (1.08) ready.", anonymous=anonymous) as device:
        said = await asyncio.to_thread(visit, device.port)
    assert said.startswith("220 RICOH FTP server (1.08) ready.")
    assert said.endswith(" / /" if anonymous == "yes" else " / 530 Login incorrect.")
    outcome = "accepted" if anonymous == "yes" else "refused"
    assert device.logins == [("ftp", "anonymous", outcome)]


async def test_ssh_keyscan_believes_the_host_key_and_sees_it_again() -> None:
    keys = set()
    for _ in range(2):
        async with speaking("ssh", version="dropbear_2020.81") as device:
            port = str(device.port)
            _, said = await run("ssh-keyscan", "-T", "5", "-t", "ed25519", "-p", port, device.ip)
        assert "SSH-2.0-dropbear_2020.81" in said
        keys.add(re.search(r"ssh-ed25519 (\S+)", said)[1])  # type: ignore[index]
    assert len(keys) == 1


async def test_an_old_ssh_server_agrees_on_nothing_with_a_new_client() -> None:
    old = {"kex": "diffie-hellman-group1-sha1", "host_keys": "ssh-rsa", "ciphers": "3des-cbc"}
    async with speaking("ssh", version="Cisco-1.25", **old) as device:
        options = (
            "-o",
            "BatchMode=yes",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
        )
        _, said = await run("ssh", *options, "-p", str(device.port), f"nobody@{device.ip}")
    assert "no matching key exchange method" in said
    assert "diffie-hellman-group1-sha1" in said


@pytest.mark.parametrize("login", ["digest", "none"])
async def test_curl_sees_whether_the_stream_is_open(login: str) -> None:
    async with speaking("rtsp", login=login, realm="IP Camera(1)", server="Rtsp Server/3.0") as device:
        url = f"rtsp://{device.at}/"
        _, options = await run("curl", "-s", "-m", "5", "-i", "--request", "OPTIONS", url)
        described = await ask_tcp(device, b"DESCRIBE " + url.encode() + b" RTSP/1.0\r\nCSeq: 9\r\n\r\n")
    assert "Public: OPTIONS, DESCRIBE" in options
    assert b"CSeq: 9\r\nServer: Rtsp Server/3.0" in described
    assert (b"200 OK" in described) is (login == "none")
    assert (b'Digest realm="IP Camera(1)"' in described) is (login == "digest")


async def test_a_stream_opens_to_the_password_and_the_try_is_written_down() -> None:
    ask = b"DESCRIBE rtsp://x/ RTSP/1.0\r\nCSeq: 1\r\nAuthorization: Basic YWRtaW46YWRtaW4=\r\n\r\n"
    async with speaking("rtsp", login="basic", accounts={"admin": "admin"}) as device:
        assert b"m=video" in await ask_tcp(device, ask)
    assert device.logins == [("rtsp", "admin", "accepted")]


def test_the_digest_of_rfc_2617_is_right_and_another_is_not() -> None:
    challenge = Challenge("digest", "testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093")
    answer = (
        'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
        'uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b", '
        'response="6629fae49393a05397450978507c4ef1"'
    )
    accounts = {"Mufasa": "Circle Of Life"}
    assert challenge.judge("GET", answer, accounts) == ("Mufasa", True)
    assert challenge.judge("POST", answer, accounts) == ("Mufasa", False)
    assert challenge.judge("GET", "", accounts) is None


async def test_sip_options_tell_the_phone_and_a_register_meets_a_login() -> None:
    def request(method: str) -> bytes:
        return (
            f"{method} sip:100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n"
            f"From: <sip:a@b>;tag=1\r\nTo: <sip:100@127.0.0.1>\r\nCall-ID: 1\r\nCSeq: 4 {method}\r\n\r\n"
        ).encode()

    pbx = {"agent": "Grandstream UCM6302V1.3A 1.0.19.29", "header": "Server", "registrar": "yes"}
    async with speaking("sip", **pbx) as device:
        options = await ask_udp(device, request("OPTIONS"))
        register = await ask_udp(device, request("REGISTER"))
        passed_over = await ask_udp(device, request("ACK"), request("OPTIONS"))
    assert options.startswith(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n")
    assert b"Server: Grandstream UCM6302V1.3A 1.0.19.29\r\n" in options
    assert b"CSeq: 4 OPTIONS\r\n" in options
    assert register.startswith(b"SIP/2.0 401 Unauthorized")
    assert passed_over == options


async def test_scapy_reads_the_modbus_identity_and_registers_stay_shut() -> None:
    from scapy.contrib.modbus import ModbusADUResponse, ModbusObjectId

    device_id = bytes.fromhex("000100000005012b0e0100")
    read_registers = bytes.fromhex("000200000006010300000001")
    async with speaking("modbus", vendor="Moxa Inc.", product="ioLogik E1212", revision="V3.2") as device:
        said = await ask_tcp(device, device_id)
        refused = await ask_tcp(device, read_registers)
    layers = ModbusADUResponse(said).iterpayloads()
    objects = [bytes(each.value) for each in layers if isinstance(each, ModbusObjectId)]
    assert objects == [b"Moxa Inc.", b"ioLogik E1212", b"V3.2"]
    assert refused[7:9] == b"\x83\x01"


async def test_every_byte_on_the_raw_port_is_paper_even_a_question() -> None:
    async with speaking("pjl", id="HP LaserJet Pro M404dn") as device:
        assert b'"HP LaserJet Pro M404dn"' in await ask_tcp(device, b"\x1b%-12345X@PJL INFO ID\r\n")
    assert b"".join(device.paper) == b"\x1b%-12345X@PJL INFO ID\r\n"


async def test_connecting_to_the_raw_port_prints_nothing() -> None:
    async with speaking("pjl") as device:
        assert await ask_tcp(device) == b""
    assert device.paper == []


async def test_a_quiet_port_says_its_greeting_and_no_more() -> None:
    async with speaking("quiet", greeting="Hi\\r\\n\\xff") as device:
        assert await ask_tcp(device, b"hello?") == b"Hi\r\n\xff"


@pytest.mark.parametrize(
    ("protocol", "settings"),
    [
        ("telnet", SWITCH),
        ("ftp", {}),
        ("ssh", {}),
        ("rtsp", {}),
        ("modbus", {"vendor": "M", "product": "P", "revision": "1"}),
        ("pjl", {}),
        ("quiet", {}),
    ],
)
@pytest.mark.parametrize(
    "hostile",
    [b"\xff" * 3000, b"\0" * 3000, b"\xff\xfa" * 500, b"SSH-2.0-x\r\n" + b"\xff" * 600, b"a" * 200_000],
    ids=["ones", "zeros", "telnet", "ssh", "long line"],
)
async def test_hostile_bytes_leave_the_server_standing(
    protocol: str, settings: dict[str, object], hostile: bytes
) -> None:
    async with speaking(protocol, **settings) as device:
        await ask_tcp(device, hostile)
        _, writer = await asyncio.open_connection(device.ip, device.port)
        writer.close()
