"""Between the lines: software that is no device, labels, model names, and which word outranks which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.fingerprints import Fingerprinter, loading
from agent.fingerprints.labels import headline, labelled, onvif_scopes
from agent.fingerprints.numbers import vendor_of_mac
from inventory.types import Claim, Fact

APC_CARD = (
    "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.4.0 PN:apc_hw05_aos_640.bin AF1:v6.4.0 "
    "AN1:apc_hw05_sumx_640.bin MN:AP9630 HR:05 SN: ZA1500011190 MD:01/31/2015)"
)


@pytest.fixture(scope="module")
def engine() -> Fingerprinter:
    return Fingerprinter(loading.read_all())


def told(engine: Fingerprinter, *replies: tuple[str, dict[str, str]]) -> dict[str, str]:
    """What several replies (source, facts) of one device come to."""
    claims: list[Claim] = []
    for source, facts in replies:
        pairs = [Fact(name, value) for name, value in facts.items()]
        claims.extend(engine.claims(pairs, source=source))
    return {attribute.value: said.value for attribute, said in engine.conclude(claims).items()}


@pytest.mark.parametrize(
    "server",
    [
        "lighttpd/1.4.59",
        "nginx/1.22.1",
        "Microsoft-IIS/10.0",
        "mini_httpd/1.19 19dec2003",
        "Linux/4.14.188 UPnP/1.0 Portable SDK for UPnP devices/1.6.22",
        "Debian DLNADOC/1.50 UPnP/1.0 MiniDLNA/1.3.0",
        "ATEN International Co Ltd.(V1.0)",
        "RomPager/4.07 UPnP/1.0",
        "SHP, UPnP/1.0, Samsung UPnP SDK/1.0",
    ],
)
def test_the_version_of_a_server_is_not_the_firmware_of_the_device(
    engine: Fingerprinter, server: str
) -> None:
    assert "firmware" not in told(engine, ("http", {"http_servers": server}))
    assert "firmware" not in told(engine, ("ssdp", {"ssdp.server": server}))


def test_a_welcome_page_names_software_only(engine: Fingerprinter) -> None:
    said = told(engine, ("http", {"html_title": "MiniDLNA 1.3.0"}))
    assert "firmware" not in said
    assert said["service_version"] == "1.3.0"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("html_title", "Apeos C3570 - 10.10.10.25"),
        ("telnet_banners", "192.0.0.64 login: "),
        ("ftp_banners", "FTP Server (Acme 20) [10.0.0.2]"),
    ],
)
def test_an_address_in_a_text_is_no_firmware(engine: Fingerprinter, source: str, text: str) -> None:
    assert "firmware" not in told(engine, (source, {source: text}))


def test_a_stack_is_named_by_its_entities(engine: Fingerprinter) -> None:
    entity = "1.3.6.1.2.1.47.1.1.1.1"
    stack = {f"{entity}.2.1": "c92xxL Stack", f"{entity}.4.1": "0", f"{entity}.5.1": "11"}
    assert told(engine, ("snmp", stack))["model"] == "c92xxL Stack"
    chassis = {f"{entity}.4.1000": "1", f"{entity}.5.1000": "3", f"{entity}.13.1000": "C9200L-24T-4G"}
    assert told(engine, ("snmp", stack | chassis))["model"] == "C9200L-24T-4G"


@pytest.mark.parametrize(
    ("source", "text", "system"),
    [
        ("http_servers", "cisco-IOS", "IOS"),
        ("telnet_banners", "MikroTik v6.48.6 (long-term)\nLogin:", "RouterOS"),
    ],
)
def test_an_operating_system_is_no_model(engine: Fingerprinter, source: str, text: str, system: str) -> None:
    said = told(engine, (source, {source: text}))
    assert said["os"] == system
    assert "model" not in said


def test_who_wrote_the_server_did_not_make_the_machine(engine: Fingerprinter) -> None:
    said = told(
        engine,
        ("http", {"http_servers": "Microsoft-IIS/10.0", "html_title": "IIS Windows Server"}),
        ("arp", {"arp.mac": "20:47:47:0a:44:13"}),
    )
    assert said["vendor"] == "Dell"
    assert said["device_class"] == "server"


def test_the_mac_of_a_module_does_not_name_a_vendor() -> None:
    assert vendor_of_mac("00:12:4b:bf:a4:28") is None  # Texas Instruments, a radio
    assert vendor_of_mac("2c:cf:67:a5:87:60") == "Raspberry Pi"


def test_a_ups_is_named_by_itself_and_not_by_its_card(engine: Fingerprinter) -> None:
    said = told(
        engine,
        ("snmp", {
            "1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.318.1.3.27",
            "1.3.6.1.2.1.1.1.0": APC_CARD,
            "1.3.6.1.4.1.318.1.1.1.1.1.1.0": "Smart-UPS 1500",
            "1.3.6.1.4.1.318.1.1.1.1.2.3.0": "AS1500013811",
        }),
        ("ftp", {"ftp_banners": "AP9630 Network Management Card AOS v6.4.0 FTP server ready."}),
    )  # fmt: skip
    assert (said["model"], said["serial"], said["device_class"]) == ("Smart-UPS 1500", "AS1500013811", "ups")


@pytest.mark.parametrize(
    ("model", "maker", "kind"),
    [
        ("DS-7608NI-K2", "HIKVISION", "recorder"),
        ("DS-2CD2143G0-I", "HIKVISION", "camera"),
        ("DS-KV8113-WME1", "HIKVISION", "intercom"),
        ("DHI-NVR4216-4KS2", "Dahua", "recorder"),
        ("A8105-E", "AXIS", "intercom"),
    ],
)
def test_recorders_and_door_stations_speak_onvif_too(
    engine: Fingerprinter, model: str, maker: str, kind: str
) -> None:
    said = told(
        engine,
        ("wsd", {"wsd.types": "dn:NetworkVideoTransmitter tds:Device"}),
        ("onvif", {"onvif.Manufacturer": maker, "onvif.Model": model}),
    )
    assert said["device_class"] == kind


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        ("Grandstream UCM6302V1.3A 1.0.19.29", "pbx"),
        ("Grandstream GXP2170 1.0.11.35", "phone"),
        ("Akuvox R20A 20.30.4.105", "intercom"),
        ("2N IP Verso / 2.27.0.38.5", "intercom"),
    ],
)
def test_not_everything_that_speaks_sip_is_a_phone(engine: Fingerprinter, agent: str, kind: str) -> None:
    assert told(engine, ("sip", {"sip_user_agents": agent}))["device_class"] == kind


def test_a_building_controller_is_named_by_bacnet(engine: Fingerprinter) -> None:
    said = told(
        engine,
        ("bacnet", {
            "bacnet.vendor-name": "Delta Controls",
            "bacnet.model-name": "DSC-1212E",
            "bacnet.firmware-revision": "3.40.571848",
            "bacnet.object-name": "ahu-1",
        }),
    )  # fmt: skip
    assert said == {
        "vendor": "Delta Controls",
        "model": "DSC-1212E",
        "firmware": "3.40.571848",
        "hostname": "ahu-1",
        "device_class": "building-automation",
    }


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            "Model Name NPort 5110, MAC Address 00:90:E8:0E:35:2A, Serial No. 18, Firmware 2.9 Build 3",
            {
                "label.model": "NPort 5110",
                "label.mac": "00:90:E8:0E:35:2A",
                "label.serial": "18",
                "label.firmware": "2.9 Build 3",
            },
        ),
        (
            "Host name SEP481BA45DFB2C Active load ID sip8845_65.12 Model number CP-8845 Serial number FCH1",
            {
                "label.hostname": "SEP481BA45DFB2C",
                "label.firmware": "sip8845_65.12",
                "label.model": "CP-8845",
                "label.serial": "FCH1",
            },
        ),
        ("The serial number is printed on the model plate; see the firmware page.", {}),
        ("Serial Number Model Host name", {}),
    ],
)
def test_a_text_that_labels_its_values_is_read_and_prose_is_not(text: str, facts: dict[str, str]) -> None:
    assert {fact.name: fact.value for fact in labelled(text)} == facts


def test_onvif_scopes_are_taken_apart() -> None:
    scopes = "onvif://www.onvif.org/hardware/P3245-LV onvif://www.onvif.org/name/AXIS%20P3245-LV x://y"
    assert list(onvif_scopes(scopes)) == [
        Fact("onvif.hardware", "P3245-LV"),
        Fact("onvif.name", "AXIS P3245-LV"),
    ]


@given(
    text=st.text(max_size=400)
    | st.from_regex(r"(?:serial number|model|onvif://www\.onvif\.org/name/)[ :]?.*")
)
def test_no_text_raises(text: str) -> None:
    for fact in (*labelled(text), *headline(text), *onvif_scopes(text)):
        assert fact.value


def test_an_agent_that_only_says_its_engine_id_hints_at_its_maker(engine: Fingerprinter) -> None:
    assert told(engine, ("snmp", {"snmp.engine_id": "8000000903e80ab948d137"}))["vendor"] == "Cisco"
    assert "vendor" not in told(engine, ("snmp", {"snmp.engine_id": "80001f8880b9dd63372bdc006b00000000"}))


def test_a_label_without_a_value_is_no_serial(engine: Fingerprinter) -> None:
    said = told(engine, ("telnet", {"telnet_banners": "Serial Number: Number\nModel: Number"}))
    assert "serial" not in said
    assert "model" not in said


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("sip_banners", "Extron/516 (2.3)"),  # three digits may be anything
        ("snmp_sysdescr", "Extron, X7, rack mounted"),  # a letter and a digit are a family
        ("snmp_sysdescr", "Linux WEB01 5.10.0 #1 SMP"),
        ("snmp_sysdescr", "Printer Room 204"),
    ],
)
def test_what_may_be_anything_is_no_model(engine: Fingerprinter, source: str, text: str) -> None:
    assert "model" not in told(engine, (source, {source: text}))


@pytest.mark.parametrize(
    ("text", "model", "firmware"),
    [
        ("QX-4110 Version 2.04", "QX-4110", "2.04"),
        ("QX724v4 ProSafe 24-port Smart Switch, 6.3.1.11, B1.0", "QX724v4", "6.3.1.11"),
        ("Quixo Energy 240, fw:1.0.4_11717", "Quixo Energy 240", "1.0.4_11717"),
        ("QX230, QuixoOS 8.1r2a build-178408", "QX230", "8.1r2a"),
    ],
)
def test_an_unheard_of_maker_s_code_and_version_are_read(
    engine: Fingerprinter, text: str, model: str, firmware: str
) -> None:
    said = told(engine, ("snmp", {"snmp_sysdescr": text}))
    assert (said["model"], said["firmware"]) == (model, firmware)
