"""The engine: what it makes of texts and SNMP values, and what it keeps silent about."""

import json
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.fingerprints import Fingerprinter, loading
from agent.fingerprints.junk import is_junk, tidy
from agent.fingerprints.numbers import enterprise_of, vendor_of_enterprise, vendor_of_mac
from agent.fingerprints.readings import device_id
from inventory.exits import BadInput
from inventory.types import Attribute, DeviceClass, Fact

ENTITY = "1.3.6.1.2.1.47.1.1.1.1"
SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"


@pytest.fixture(scope="module")
def engine():
    return Fingerprinter(loading.read_all())


def said(engine, *facts):
    claims = engine.claims([Fact(name, value) for name, value in facts], source="test")
    return {attribute: conclusion.value for attribute, conclusion in engine.conclude(claims).items()}


def test_nothing_is_made_of_texts_that_name_nobody(engine):
    for source in ("ftp_banners", "html_title", "telnet_banners", "http_wwwauth", "snmp_sysdescr"):
        for text in ("Welcome", "FTP server ready.", "login:", 'Basic realm="192.168.0.1"', "Not Found", ""):
            told = said(engine, (source, text))
            assert Attribute.VENDOR not in told
            assert Attribute.MODEL not in told


def test_a_claim_names_pattern_source_and_port(engine):
    claims = engine.claims([Fact("ssh", "DraySSH_2.0")], source="ssh", service="tcp/22")
    claim = next(claim for claim in claims if claim.attribute is Attribute.VENDOR)
    assert (claim.value, claim.fingerprint, claim.source, claim.service) == (
        "Draytek",
        "draytek.other",
        "ssh",
        "tcp/22",
    )


def test_the_losing_claim_is_kept_beside_the_winner(engine):
    claims = engine.claims(
        [
            Fact(SYS_OBJECT_ID, "1.3.6.1.4.1.674.10895.5027"),
            Fact(SYS_DESCR, "ArubaOS (MODEL: 7205), Version 8.5.0.3"),
        ],
        source="snmp",
    )
    vendor = engine.conclude(claims)[Attribute.VENDOR]
    assert vendor.value == "Aruba"
    assert "Dell" in {claim.value for claim in vendor.others}


def test_an_unknown_vendor_is_named_by_its_enterprise_number(engine):
    told = said(engine, (SYS_OBJECT_ID, "1.3.6.1.4.1.54268.1.1"), (SYS_DESCR, "something new"))
    assert told[Attribute.VENDOR] == "netElastic"


@pytest.mark.parametrize(
    "oid", ["1.3.6.1.4.1.8072.3.2.10", "1.3.6.1.4.1.0", "", "1.3.6.1.2.1", "1.3.6.1.4.1.x"]
)
def test_an_agent_that_many_vendors_use_names_none(engine, oid):
    assert Attribute.VENDOR not in said(engine, (SYS_OBJECT_ID, oid))


def test_the_chassis_speaks_for_the_device_not_its_parts(engine):
    facts = [(SYS_OBJECT_ID, "1.3.6.1.4.1.9.1.2494")]
    rows = {
        1: ("6", "PWR-1", "PSUSERIAL1"),
        7: ("9", "C9400-SUP", "MODSERIAL1"),
        1000: ("3", "C9404R", "FXS1111A11B"),
    }
    for index, (kind, model, serial) in rows.items():
        facts += [
            (f"{ENTITY}.5.{index}", kind),
            (f"{ENTITY}.13.{index}", model),
            (f"{ENTITY}.11.{index}", serial),
        ]
    told = said(engine, *facts)
    assert told[Attribute.MODEL] == "C9404R"
    assert told[Attribute.SERIAL] == "FXS1111A11B"


def test_a_power_supply_alone_says_nothing_of_the_device(engine):
    told = said(engine, (f"{ENTITY}.5.3", "6"), (f"{ENTITY}.13.3", "PWR-1"), (f"{ENTITY}.11.3", "PSUSERIAL1"))
    assert Attribute.MODEL not in told
    assert Attribute.SERIAL not in told


@pytest.mark.parametrize(
    "serial", ["0", "0000000", "N/A", "123456", "1234567890", "xxxxxx", "None", "default", "??"]
)
def test_junk_is_never_a_serial_number(engine, serial):
    told = said(
        engine, (SYS_OBJECT_ID, "1.3.6.1.4.1.9.1.1"), (f"{ENTITY}.5.1", "3"), (f"{ENTITY}.11.1", serial)
    )
    assert Attribute.SERIAL not in told


@pytest.mark.parametrize(
    "value",
    [
        "Router",
        "network camera",
        "IP Camera",
        "login:",
        "Please enter your password",
        "Switch>",
        "Model:",
        "a sentence of many words " * 4,
    ],
)
def test_a_prompt_a_sentence_or_a_kind_of_thing_is_no_model(value):
    assert is_junk(Attribute.MODEL, tidy(value)) or is_junk(Attribute.MODEL, value)


@pytest.mark.parametrize(
    "text", ["MikroTik Home Wireless Router", "TP-LINK Main Menu", "Cisco Network Switch"]
)
def test_a_name_no_rule_knows_is_more_than_words_for_its_kind(engine, text):
    assert Attribute.MODEL not in said(engine, ("html_title", text))


def test_products_may_be_called_after_what_they_do():
    assert not is_junk(Attribute.MODEL, "Wireless LAN Controller")


@pytest.mark.parametrize("name", ["localhost", "localhost.localdomain", "(none)", "192.168.0.10", "router"])
def test_junk_is_never_a_hostname(engine, name):
    assert Attribute.HOSTNAME not in said(engine, ("dhcp.hostname", name))


def test_a_device_class_is_not_invented(engine):
    assert Attribute.DEVICE_CLASS not in said(engine, ("snmp_sysdescr", "Linux box 5.10.0 #1 SMP armv7l"))


def test_printers_of_any_maker_are_read_by_their_mib_alone(engine):
    told = said(
        engine,
        ("1.3.6.1.2.1.43.5.1.1.17.1", "ZZ99X12345"),
        ("1.3.6.1.2.1.43.10.2.1.4.1.1", "1200"),
        ("1.3.6.1.4.1.2699.1.2.1.2.1.1.3.1", "MFG:Acme Imaging;MDL:PrintWell 900;CLS:PRINTER;"),
    )
    assert told[Attribute.SERIAL] == "ZZ99X12345"
    assert told[Attribute.MODEL] == "PrintWell 900"
    assert told[Attribute.VENDOR] == "Acme Imaging"
    assert told[Attribute.DEVICE_CLASS] == DeviceClass.PRINTER


@pytest.mark.parametrize(
    "text",
    [
        "MFG:HP;MDL:LaserJet 9;SN:CN123;",
        "Mfg=HP;Typ=MFP;Mod=LaserJet 9;Ser=CN123;",
        "MANUFACTURER:HP;MODEL:LaserJet 9;SERN:CN123",
    ],
)
def test_device_ids_are_taken_apart_whatever_keys_they_use(text):
    parts = {fact.name: fact.value for fact in device_id(text)}
    assert parts["ieee1284.mfg"] == "HP"
    assert parts["ieee1284.mdl"] == "LaserJet 9"
    assert parts["ieee1284.sn"] == "CN123"


def test_who_owns_a_number():
    assert vendor_of_enterprise(9) == "Cisco"
    assert vendor_of_mac("ac:cc:8e:00:00:01") == "Axis"
    assert vendor_of_mac("02:00:00:00:00:01") is None, "a locally administered address has no maker"
    assert vendor_of_mac("garbage") is None
    assert enterprise_of("1.3.6.1.4.1.99999999999999.1") is None


def test_the_probe_is_told_what_to_ask(engine):
    assert "1.3.6.1.4.1.14988.1.1.7.3.0" in engine.oids_for("1.3.6.1.4.1.14988.1")
    assert "1.3.6.1.4.1.6574.1.5.1.0" in engine.oids_for("1.3.6.1.4.1.8072.3.2.10"), "a NAS behind net-snmp"
    anyone = engine.oids_for("")
    assert "1.3.6.1.2.1.33.1.1.2.0" in anyone, "UPS-MIB is nobody's own"
    assert not [oid for oid in anyone if oid.startswith("1.3.6.1.4.1.")]


def test_a_mac_address_hints_at_the_maker_only_faintly(engine):
    claims = engine.claims([Fact("arp.mac", "00:90:e8:00:00:01")], source="arp")
    vendor = engine.conclude(claims)[Attribute.VENDOR]
    assert vendor.value == "Moxa"
    assert vendor.certainty < 0.5


def test_the_software_of_a_server_is_not_the_device_s(engine):
    told = said(engine, ("ssh", "SSH-2.0-OpenSSH_7.4p1 Debian-10"), ("http.server", "nginx/1.18.0"))
    assert told[Attribute.SERVICE_PRODUCT] in {"OpenSSH", "nginx"}
    assert not {Attribute.VENDOR, Attribute.MODEL, Attribute.FIRMWARE} & set(told)


def test_objects_of_one_enterprise_name_the_maker_behind_a_general_agent(engine):
    net_snmp = (SYS_OBJECT_ID, "1.3.6.1.4.1.8072.3.2.10")
    one = ("1.3.6.1.4.1.14988.7.7.0", "5")
    assert said(engine, net_snmp, one)[Attribute.VENDOR] == "MikroTik"
    assert Attribute.VENDOR not in said(engine, net_snmp, one, ("1.3.6.1.4.1.41112.7.7.0", "5"))


def test_an_interface_s_mac_names_the_maker_when_nothing_else_does(engine):
    mac = ("1.3.6.1.2.1.2.2.1.6.1", "00:90:e8:00:00:01")
    assert said(engine, mac)[Attribute.VENDOR] == "Moxa"
    assert said(engine, mac, (SYS_OBJECT_ID, "1.3.6.1.4.1.14988.1"))[Attribute.VENDOR] == "MikroTik"
    assert Attribute.DEVICE_CLASS not in said(engine, mac)


def test_the_maker_of_a_chip_made_no_device(engine):
    told = said(engine, (f"{ENTITY}.12.1", "Realtek"), (f"{ENTITY}.5.1", "3"), (f"{ENTITY}.13.1", "XG-10"))
    assert told == {Attribute.MODEL: "XG-10"}


TEXTS = st.text(max_size=300) | st.sampled_from(
    ["Cisco", "HP LaserJet ", "{0}{model}", "\x00\x1b[31m", "((((((", "a" * 5000]
)
NAMES = st.sampled_from(
    ["snmp_sysdescr", "html_title", "telnet", "x509_subjects", "http_wwwauth", SYS_OBJECT_ID,
     f"{ENTITY}.13.1", f"{ENTITY}.5.1", "1.3.6.1.4.1.11.2.3.9.1.1.7.0", "dhcp_vendor_class", "arp.mac",
     "nobody.knows", ""]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(NAMES, TEXTS), max_size=6))
def test_no_text_raises_and_no_order_matters(engine, pairs):
    facts = [Fact(name, text) for name, text in pairs]
    forwards = engine.claims(facts, source="test")
    assert set(forwards) == set(engine.claims(list(reversed(facts)), source="test"))
    assert engine.conclude(forwards) == engine.conclude(tuple(reversed(forwards)))
    for claim in forwards:
        assert 0 < claim.certainty <= 1
        assert claim.value.strip()
        assert not is_junk(claim.attribute, claim.value)
        assert "\n" not in claim.value
        assert len(claim.value) <= 120


def test_an_absurd_object_identifier_is_read_over(engine):
    endless = "9" * 5000
    names = (
        f"{ENTITY}.13.{endless}",
        f"1.3.6.1.4.1.{endless}",
        f"1.3.6.1.4.1.674.10892.5.{endless}",
        f"1.{endless}",
    )
    for name in names:
        for value in ("x", f"1.3.6.1.4.1.{endless}"):
            assert isinstance(said(engine, (name, value), (SYS_OBJECT_ID, value)), dict)


def test_a_value_is_one_clean_line():
    assert tidy(' "X  \n\t1" ; ') == "X 1"


def test_the_cache_says_what_the_files_say(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "user_cache_path", lambda _name: tmp_path)
    strict = loading.load(cached=False)
    assert loading.load() == strict, "made now"
    assert loading.load() == strict, "read back"
    assert len(list(tmp_path.glob("fingerprints-*.json"))) == 1


@pytest.mark.parametrize("damage", ["", "{}", "[1,2]", '{"rules": [[1]], "objects": {}}', "\x00"])
def test_a_damaged_cache_is_made_anew(tmp_path, monkeypatch, damage):
    monkeypatch.setattr(loading, "user_cache_path", lambda _name: tmp_path)
    loading.load()
    path = next(tmp_path.glob("fingerprints-*.json"))
    path.write_text(damage)
    assert loading.load() == loading.load(cached=False)
    assert json.loads(path.read_text())["rules"]


def test_a_home_that_cannot_be_written_is_no_fault(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr(loading, "user_cache_path", lambda _name: blocked)
    assert loading.load().rules


def test_a_wrong_data_file_is_named_with_its_line(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    (folder / "vendors").mkdir(parents=True)
    (folder / "objects.yaml").write_text("- {object: 1.3.6.1.4.1.9, vendor: Cisco}\n")
    (folder / "vendors" / "x.yaml").write_text("- id: x.y\n  source: telnet_banners\n  patern: '^x'\n")
    monkeypatch.setattr(loading, "FOLDER", folder)
    with pytest.raises(BadInput, match=r"x\.yaml:\d+: "):
        loading.read_all()


def test_threads_may_share_it(engine):
    seen = []
    work = [
        threading.Thread(target=lambda: seen.append(said(engine, ("telnet", "MikroTik v6.40"))))
        for _ in range(4)
    ]
    for one in work:
        one.start()
    for one in work:
        one.join()
    assert len(seen) == 4
    assert all(one == seen[0] for one in seen)
