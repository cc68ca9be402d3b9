"""Web pages, logins, TLS, ONVIF, UPnP and IPP, asked by curl, openssl and ipptool."""

import base64
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.lab.pretend_device import ask_tcp, run, speaking

CURL = ("curl", "-s", "-m", "5", "--noproxy", "*")
PAGES = {"/": {"redirect": "/home"}, "/home": {"title": "Web <Monitor>", "body": "{form}"}}
FORM = {
    "kind": "form",
    "protects": ["/admin"],
    "action": "/enter",
    "home": "/admin",
    "accounts": {"admin": ""},
}
CAMERA = {"manufacturer": "VIVOTEK", "model": "FD8169", "firmware": "1", "serial": "S-1"}
NAS = {
    "path": "/d.xml",
    "friendly_name": "A & B",
    "manufacturer": "Synology",
    "model_name": "DS920+",
    "udn": "1",
}
TLS = {"subject": "CN=RNP1,O=RICOH COMPANY\\, LTD.,C=JP"}
SOAP = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
    '<{0} xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>'
)


async def test_pages_redirects_icon_and_server_header() -> None:
    async with speaking("http", server="Web-Server/3.0", favicon="ricoh", pages=PAGES) as device:
        _, said = await run(*CURL, "-iL", f"http://{device.at}/")
        _, missing = await run(*CURL, "-i", f"http://{device.at}/nowhere")
        _, icon = await run(*CURL, "-i", f"http://{device.at}/favicon.ico")
    assert "HTTP/1.1 302 Found" in said
    assert "Server: Web-Server/3.0" in said
    assert "<title>Web &lt;Monitor&gt;</title>" in said
    assert "HTTP/1.1 404" in missing
    assert "image/x-icon" in icon


@pytest.mark.parametrize("scheme", ["basic", "digest"])
async def test_basic_and_digest_let_the_right_password_in_and_write_the_try_down(scheme: str) -> None:
    login = {"kind": scheme, "realm": "AXIS_0", "protects": ["/"], "accounts": {"root": "pass word"}}
    async with speaking("http", pages={"/": {"body": "inside"}}, logins=[login]) as device:
        url = f"http://{device.at}/"
        _, asked = await run(*CURL, "-i", url)
        _, wrong = await run(*CURL, "-i", f"--{scheme}", "-u", "root:guess", url)
        _, right = await run(*CURL, f"--{scheme}", "-u", "root:pass word", url)
    assert 'realm="AXIS_0"' in asked
    assert "401" in wrong
    assert "inside" in right
    assert device.logins == [("http", "root", "refused"), ("http", "root", "accepted")]


async def test_a_form_opens_its_pages_to_the_cookie_it_gives(tmp_path: Path) -> None:
    pages = {**PAGES, "/admin": {"body": "settings"}}
    jar = str(tmp_path / "jar")
    async with speaking("http", pages=pages, logins=[FORM]) as device:
        url = f"http://{device.at}"
        _, outside = await run(*CURL, f"{url}/admin")
        _, wrong = await run(*CURL, "-i", "-d", "username=admin&password=guess", f"{url}/enter")
        _, right = await run(
            *CURL, "-L", "-c", jar, "-b", jar, "-d", "username=admin&password=", f"{url}/enter"
        )
    assert "settings" not in outside
    assert "401" in wrong
    assert "settings" in right
    assert device.logins == [("http", "admin", "refused"), ("http", "admin", "accepted")]


async def test_a_locked_account_stays_shut_even_for_the_right_password() -> None:
    login = {"kind": "basic", "accounts": {"admin": "right"}, "lock_after": "2"}
    async with speaking("http", pages={"/": {"body": "inside"}}, logins=[login]) as device:
        for _ in range(2):
            await run(*CURL, "-u", "admin:guess", f"http://{device.at}/")
        _, said = await run(*CURL, "-i", "-u", "admin:right", f"http://{device.at}/")
    assert "401" in said


async def test_the_certificate_names_the_device_and_keeps_its_key() -> None:
    keys = set()
    for _ in range(2):
        async with speaking("https", pages=PAGES, tls=TLS) as device:
            _, said = await run("openssl", "s_client", "-connect", device.at, "-showcerts", stdin=b"Q\n")
            pem = said[said.index("-----BEGIN") : said.index("-----END CERTIFICATE-----") + 26]
            _, subject = await run("openssl", "x509", "-noout", "-subject", "-pubkey", stdin=pem.encode())
            keys.add(subject)
    assert len(keys) == 1
    assert "RICOH COMPANY, LTD." in keys.pop()


@pytest.mark.parametrize(("asked", "spoken"), [("-tls1", True), ("-tls1_2", True), ("-tls1_3", False)])
async def test_an_old_device_speaks_old_tls_only(asked: str, spoken: bool) -> None:
    old = {**TLS, "minimum": "1.0", "maximum": "1.2"}
    async with speaking("https", pages=PAGES, tls=old) as device:
        code, _ = await run(
            "openssl", "s_client", "-connect", device.at, asked, "-cipher", "ALL:@SECLEVEL=0", stdin=b"Q\n"
        )
    assert (code == 0) is spoken


async def test_a_client_that_is_too_old_is_told_so_by_an_alert() -> None:
    async with speaking("https", pages=PAGES, tls=TLS) as device:
        _, said = await run(
            "openssl", "s_client", "-connect", device.at, "-tls1", "-cipher", "ALL:@SECLEVEL=0", stdin=b"Q\n"
        )
    assert "alert protocol version" in said


async def test_a_large_page_arrives_whole_over_tls() -> None:
    async with speaking("https", pages={"/": {"body": "x" * 300_000}}, tls=TLS) as device:
        _, said = await run(*CURL, "-k", f"https://{device.at}/")
    assert said.count("x") == 300_000


@pytest.mark.parametrize("hostile", [b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\0" * 900, b""])
async def test_what_is_no_tls_leaves_the_server_standing(hostile: bytes) -> None:
    async with speaking("https", pages={"/": {"body": "inside"}}, tls=TLS) as device:
        await ask_tcp(device, hostile)
        _, said = await run(*CURL, "-k", f"https://{device.at}/")
    assert "inside" in said


@pytest.mark.parametrize("whose", ["ec", "rsa-1024"])
async def test_curl_reads_a_page_over_tls(whose: str) -> None:
    # curl refuses the weak key by default, as it should: lowered here to be let in at all.
    weak = ("--ciphers", "DEFAULT:@SECLEVEL=0")
    async with speaking("https", pages={"/": {"body": "inside"}}, tls={**TLS, "key": whose}) as device:
        _, said = await run(*CURL, "-k", *weak, f"https://{device.at}/")
    assert "inside" in said


@pytest.mark.parametrize("open_to_all", ["yes", "no"])
async def test_onvif_tells_the_model_only_where_it_is_open(open_to_all: str) -> None:
    async with speaking("http", onvif={**CAMERA, "open": open_to_all}) as device:
        url = f"http://{device.at}/onvif/device_service"
        _, clock = await run(*CURL, "-d", SOAP.format("GetSystemDateAndTime"), url)
        _, said = await run(*CURL, "-d", SOAP.format("GetDeviceInformation"), url)
    assert "SystemDateAndTime" in clock
    names = [element.tag.rpartition("}")[2] for element in ET.fromstring(said).iter()]
    assert ("SerialNumber" in names) is (open_to_all == "yes")
    assert ("Fault" in names) is (open_to_all == "no")


async def test_the_upnp_description_is_xml_with_the_makers_words() -> None:
    async with speaking("http", upnp=NAS) as device:
        _, said = await run(*CURL, f"http://{device.at}/d.xml")
    texts = {element.tag.rpartition("}")[2]: element.text for element in ET.fromstring(said).iter()}
    assert texts["friendlyName"] == "A & B"
    assert texts["modelName"] == "DS920+"
    assert texts["UDN"] == "uuid:1"


async def test_a_printers_metadata_answers_a_transfer_get_only() -> None:
    printer = {"path": "/wsd/", "manufacturer": "FUJIFILM", "model_name": "Apeos", "friendly_name": "A"}
    action = "<a:Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/Get</a:Action>"
    async with speaking("http", dpws={**printer, "serial": "S-1"}) as device:
        _, said = await run(*CURL, "-d", action, f"http://{device.at}/wsd/")
        _, other = await run(*CURL, "-i", "-d", "<x/>", f"http://{device.at}/wsd/")
    texts = {element.tag.rpartition("}")[2]: element.text for element in ET.fromstring(said).iter()}
    assert (texts["Manufacturer"], texts["ModelName"], texts["SerialNumber"]) == ("FUJIFILM", "Apeos", "S-1")
    assert "501" in other


async def test_a_page_may_be_json() -> None:
    page = {"/redfish/v1/": {"type": "application/json", "body": '{"Vendor": "Dell"}'}}
    async with speaking("http", pages=page) as device:
        _, said = await run(*CURL, f"http://{device.at}/redfish/v1/")
    assert json.loads(said) == {"Vendor": "Dell"}


async def test_ipptool_reads_the_printers_attributes(tmp_path: Path) -> None:
    ask = tmp_path / "ask.test"
    ask.write_text(
        "{ OPERATION Get-Printer-Attributes GROUP operation-attributes-tag\n"
        "ATTR charset attributes-charset utf-8 ATTR language attributes-natural-language en\n"
        "ATTR uri printer-uri $uri STATUS successful-ok\n"
        'EXPECT printer-make-and-model WITH-VALUE "Canon iR-ADV" EXPECT printer-uuid }\n'
    )
    printer = {"name": "P", "make_and_model": "Canon iR-ADV", "uuid": "1-2", "device_id": "MFG:Canon;SN:S-1;"}
    async with speaking("ipp", printer=printer) as device:
        code, said = await run("ipptool", "-tv", f"ipp://{device.at}/ipp/print", str(ask))
    assert code == 0, said
    assert "MFG:Canon;SN:S-1;" in said
    assert device.paper == []


async def test_a_job_over_ipp_is_refused_and_counts_as_paper() -> None:
    job = b"\x01\x01\x00\x02\x00\x00\x00\x01\x03%!PS showpage"
    head = b"POST /ipp/print HTTP/1.1\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n"
    async with speaking("ipp", printer={"name": "P", "make_and_model": "M"}) as device:
        said = await ask_tcp(device, head % len(job) + job)
    assert b"\x04\x02\x00\x00\x00\x01" in said
    assert device.paper == [b"%!PS showpage"]


@pytest.mark.parametrize(
    "hostile",
    [
        b"\0" * 100,
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"GET / HTTP/1.1\r\nAuthorization: Basic \xff\xfe\r\n\r\n",
        b'GET / HTTP/1.1\r\nAuthorization: Digest username="\r\n\r\n',
        b"GET /" + b"a" * 100_000,
    ],
    ids=lambda hostile: repr(hostile[:48]),
)
async def test_hostile_requests_leave_the_server_standing(hostile: bytes) -> None:
    logins = [{"kind": "basic", "protects": ["/b"]}, {"kind": "digest", "protects": ["/"]}]
    async with speaking("http", pages={"/": {"body": "x"}}, logins=logins) as device:
        await ask_tcp(device, hostile)
        _, said = await run(*CURL, "-i", f"http://{device.at}/")
    assert "401" in said


async def test_a_basic_password_may_hold_a_colon() -> None:
    login = {"kind": "basic", "accounts": {"admin": "a:b"}}
    given = base64.b64encode(b"admin:a:b")
    async with speaking("http", pages={"/": {"body": "inside"}}, logins=[login]) as device:
        said = await ask_tcp(device, b"GET / HTTP/1.0\r\nAuthorization: Basic " + given + b"\r\n\r\n")
    assert b"inside" in said
