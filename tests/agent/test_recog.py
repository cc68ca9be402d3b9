"""Fingerprints in recog's XML form: what they give, how little they weigh, and what is refused by line."""

import pytest
from click.testing import CliRunner

from agent.fingerprints import Fingerprinter, recog
from agent.fingerprints.loading import load
from inventory.exits import BadInput, Exit
from inventory.types import Attribute, Fact
from muster import cli

BANNERS = r"""<?xml version="1.0"?>
<!-- written by hand -->
<fingerprints matches="telnet.banner" protocol="telnet" database_type="service" preference="0.5">
  <fingerprint pattern="^Quillon (QX-\d+) rev (\d+\.\d+) no ([A-Z]\d+)\z" certainty="0.9">
    <description>Quillon door stations</description>
    <example hw.product="QX-12">Quillon QX-12 rev 3.1 no B77</example>
    <param pos="0" name="hw.vendor" value="Quillon"/>
    <param pos="1" name="hw.product"/>
    <param pos="2" name="hw.version"/>
    <param pos="3" name="hw.serial_number"/>
    <param pos="0" name="hw.device" value="IP Camera"/>
    <param pos="0" name="service.product" value="{hw.vendor} {hw.product} shell"/>
  </fingerprint>
  <fingerprint pattern="^MikroTik v(\S+)" flags="REG_ICASE">
    <description>Contradicts the packaged fingerprints</description>
    <param pos="0" name="hw.vendor" value="Quillon"/>
  </fingerprint>
</fingerprints>
"""


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "checkout" / "xml"
    place.mkdir(parents=True)
    (place / "telnet_banners.xml").write_text(BANNERS)
    return place.parent


def conclude(engine, text, source="telnet"):
    return {
        attribute: said.value
        for attribute, said in engine.conclude(engine.claims([Fact(source, text)], source=source)).items()
    }


def test_groups_values_and_references_become_claims(folder):
    engine = Fingerprinter(load()._replace(rules=recog.read_directory(folder).rules))
    told = conclude(engine, "Quillon QX-12 rev 3.1 no B77")
    assert told[Attribute.VENDOR] == "Quillon"
    assert told[Attribute.MODEL] == "QX-12"
    assert told[Attribute.FIRMWARE] == "3.1"
    assert told[Attribute.SERIAL] == "B77"
    assert told[Attribute.DEVICE_CLASS] == "camera"
    assert told[Attribute.SERVICE_PRODUCT] == "Quillon QX-12 shell"
    assert Attribute.MODEL not in conclude(engine, "quillon qx-12 rev 3.1 no B77"), "case matters in recog"


def test_what_is_packaged_outweighs_what_is_imported(folder):
    packaged = load()
    engine = Fingerprinter(packaged._replace(rules=packaged.rules + recog.read_directory(folder).rules))
    assert conclude(engine, "MikroTik v6.42.7 (stable)\r\nLogin:")[Attribute.VENDOR] == "MikroTik"


def test_patterns_that_run_away_are_left_out_by_line(folder):
    path = folder / "xml" / "telnet_banners.xml"
    path.write_text(BANNERS.replace(r"^MikroTik v(\S+)", "^(a+)+$"))
    found = recog.read_directory(folder)
    assert len(found.rules) == 1
    assert [why.split(": ")[0] for why in found.left_out] == ["telnet_banners.xml:14"]


@pytest.mark.parametrize(
    ("right", "wrong", "line", "why"),
    [
        ('pos="1"', 'pos="7"', 4, "pos is no group"),
        ('pos="1"', 'pos="one"', 8, "pos is no number"),
        ('certainty="0.9"', 'certainty="2"', 4, "certainty"),
        ('flags="REG_ICASE"', 'flags="REG_LOUD"', 14, "REG_LOUD"),
        ('preference="0.5"', 'prefers="0.5"', 3, "prefers"),
        ('pos="1" name="hw.product"', 'pos="1"', 8, "lacks name"),
        ("<description>Q", "<summary/><description>Q", 5, "summary"),
        ("</fingerprints>", "", 19, "well-formed"),
        ("<!-- written by hand -->", '<!DOCTYPE x [<!ENTITY e "e">]>', 2, "document type"),
    ],
)
def test_what_is_out_of_form_is_named_by_line(folder, right, wrong, line, why):
    path = folder / "xml" / "telnet_banners.xml"
    path.write_text(BANNERS.replace(right, wrong, 1))
    with pytest.raises(BadInput) as raised:
        recog.read_directory(folder)
    assert f"telnet_banners.xml:{line}: " in str(raised.value)
    assert why in str(raised.value)


def test_an_import_is_used_until_it_is_dropped(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(recog, "kept_at", lambda: tmp_path / "data" / "recog.json")
    text = "Quillon QX-12 rev 3.1 no B77"
    assert Attribute.VENDOR not in conclude(Fingerprinter.load(), text)
    done = CliRunner().invoke(cli, ["feed", "import", "recog", str(folder), "--format", "json"])
    assert done.exit_code == Exit.OK, done.output
    assert '"entries": 2' in done.stdout
    assert conclude(Fingerprinter.load(), text)[Attribute.VENDOR] == "Quillon"
    assert CliRunner().invoke(cli, ["feed", "drop", "recog"]).exit_code == Exit.OK
    assert Attribute.VENDOR not in conclude(Fingerprinter.load(), text)


def test_a_damaged_import_is_said_so(tmp_path):
    place = tmp_path / "recog.json"
    place.write_text("[]")
    with pytest.raises(BadInput, match="import them again"):
        recog.kept(place)


def test_a_folder_without_fingerprints_is_refused(tmp_path):
    with pytest.raises(BadInput, match="holds no fingerprints"):
        recog.read_directory(tmp_path)
