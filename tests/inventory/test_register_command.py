"""scope, register and findings as an administrator types them."""

import csv
import io
import json
import sqlite3
from contextlib import closing

import pytest

from inventory.cli.register import EXPORT_FORMS
from inventory.exits import Exit
from inventory.register import Register
from inventory.types import FixedClock, SystemClock
from tests.inventory.heard import MAC_1, MONDAY, WEEK, heard


class TestScope:
    def test_added_listed_removed(self, muster):
        left_alone = ["192.168.10.4-7", "00-26-73-00-00-01", "pbx"]
        code, _said = muster(
            *("scope", "add", "192.168.10.0/24", "--site", "hq", "--segment", "office", "--touch", "login"),
            *(word for what in left_alone for word in ("--do-not-probe", what)),
            *("--caps", "lifted", "--reason", "approved by lin"),
        )
        assert code == Exit.OK
        _code, listed = muster("scope", "list", "--format", "json")
        assert json.loads(listed) == [
            {
                "network": "192.168.10.0/24",
                "site": "hq",
                "segment": "office",
                "touch": "login",
                "addresses": 256,
                "do_not_probe": ["192.168.10.4/30", "00:26:73:00:00:01", "pbx"],
                "exempt": [],
                "caps": "lifted",
                "added_by": "chen",
                "reason": "approved by lin",
            }
        ]
        assert muster("scope", "remove", "192.168.10.0/24")[0] == Exit.OK
        assert muster("scope", "list", "--format", "json")[1].strip() == "[]"

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["10.0.0.5/24", "--site", "hq", "--segment", "o"], "host bits"),
            (["10.0.0.0/8", "--site", "hq", "--segment", "o"], "too large"),
            (["10.0.0.0/24", "--site", " ", "--segment", "o"], "the site needs a name"),
            (
                ["10.0.0.0/24", "--site", "hq", "--segment", "o", "--do-not-probe", "toaster"],
                "neither an address",
            ),
        ],
    )
    def test_nonsense_is_refused(self, muster, arguments, says):
        code, said = muster("scope", "add", *arguments)
        assert code == Exit.USAGE
        assert says in said

    @pytest.mark.parametrize("network", ["8.8.8.0/24", "2606:4700::/112"])
    def test_a_public_network_needs_somebodys_word(self, muster, network):
        add = ("scope", "add", network, "10.0.1.0/24", "--site", "hq", "--segment", "dmz")
        code, said = muster(*add)
        assert (code, network in said) == (Exit.NOT_ALLOWED, True)
        assert "10.0.1" not in muster("scope", "list")[1]
        assert muster(*add, "--reason", "our own block, says the network team")[0] == Exit.OK

    def test_several_networks_are_added_at_once_each_in_its_segment_or_none_at_all(self, muster):
        add = ("scope", "add", "10.0.1.0/24", "10.0.2.0/24=iot", "--site", "hq")
        code, said = muster(*add)
        assert (code, "the segment needs a name" in said) == (Exit.USAGE, True)
        assert muster(*add, "10.0.3.0/33", "--segment", "office")[0] == Exit.USAGE
        assert muster(*add, "--segment", "office")[0] == Exit.OK
        _code, listed = muster("scope", "list", "--format", "json")
        segments = {row["network"]: row["segment"] for row in json.loads(listed)}
        assert segments == {"10.0.1.0/24": "office", "10.0.2.0/24": "iot"}

    def test_an_exemption_is_kept_with_its_reason_and_can_be_undone(self, muster, place):
        network = "192.168.10.0/24"
        muster("scope", "add", network, "--site", "hq", "--segment", "iot", "--do-not-probe", "segment:iot")
        assert muster("scope", "exempt", network, "192.168.10.7")[0] == Exit.USAGE, "a reason is asked for"
        exempt = ("scope", "exempt", network, "192.168.10.7", "--reason", "vendor visit")
        assert muster(*exempt, "--until", "2026-12-31")[0] == Exit.OK
        (row,) = json.loads(muster("scope", "list", "--format", "json")[1])
        (shown,) = row["exempt"]
        assert shown.startswith("192.168.10.7/32: vendor visit (chen, ")
        assert shown.endswith(" – 2026-12-31)")
        with Register.open(str(place), SystemClock()) as register:
            assert [entry.action for entry in register.audit()][-1] == "scope exempt"
            register.undo("chen")
            assert register.scopes()[0].exemptions == ()
            register.undo("chen")
            assert register.scopes() == (), "putting a network in scope is undone as well"
        muster("scope", "add", network, "--site", "hq", "--segment", "iot", "--do-not-probe", "segment:iot")
        muster(*exempt)
        assert muster("scope", "exempt", network, "192.168.10.7", "--withdraw")[0] == Exit.OK
        assert json.loads(muster("scope", "list", "--format", "json")[1])[0]["exempt"] == []
        assert muster("scope", "exempt", network, "192.168.10.7", "--withdraw")[0] == Exit.USAGE

    def test_what_is_left_alone_can_be_changed_later(self, muster):
        network = "192.168.10.0/24"
        muster("scope", "add", network, "--site", "hq", "--segment", "iot", "--do-not-probe", "pbx")
        assert muster("scope", "change", network, "--do-not-probe", "site", "--probe", "pbx")[0] == Exit.OK
        assert json.loads(muster("scope", "list", "--format", "json")[1])[0]["do_not_probe"] == ["site"]
        assert muster("scope", "change", network, "--probe", "pbx")[0] == Exit.USAGE
        assert muster("scope", "change", "10.0.0.0/24", "--touch", "login")[0] == Exit.USAGE

    def test_without_a_register_the_list_says_how_to_make_one(self, muster, place):
        code, said = muster("scope", "list")
        assert (code, "muster scope add" in said) == (Exit.STORE, True)
        assert not place.exists()


class TestRegister:
    def test_the_list_shows_what_the_query_asks_for(self, muster, office):
        _code, listed = muster("register", "list", "class:printer", "owner:none", "--format", "json")
        (row,) = json.loads(listed)
        assert (row["id"], row["ip"], row["mac"]) == (office[0], ["10.0.0.5"], MAC_1)

    def test_a_negated_query_in_one_word_and_words_with_spaces(self, muster, office):
        assert office[1] in muster("register", "list", "seg:iot -class:printer")[1]
        assert office[0] in muster("register", "list", "model:im", "im c3000")[1]

    def test_csv_is_harmless_in_a_spreadsheet(self, muster, office):
        _code, listed = muster("register", "list", "--format", "csv", "--sort", "-ip")
        rows = list(csv.DictReader(io.StringIO(listed)))
        assert [row["Vendor"] for row in rows] == ["'=cmd()", "RICOH"]

    def test_a_device_shows_where_each_value_came_from(self, muster, office):
        _code, shown = muster("register", "show", office[0][:8], "--history")
        assert "test.vendor" in shown
        assert "certainty 90 %" in shown
        assert "tcp/80" in shown

    def test_edits_are_kept_and_logged(self, muster, office):
        assert (
            muster("register", "edit", *office, "--owner", "王小明", "--location", "3F")[1].strip()
            == "4 values changed"
        )
        _code, shown = muster("register", "show", office[1])
        assert "王小明" in shown
        assert "person:chen" in shown
        log = json.loads(muster("register", "log", office[1], "--format", "json")[1])
        assert [(line["what"], line["after"]) for line in log][-2:] == [
            ("owner", "王小明"),
            ("location", "3F"),
        ]

    def test_what_disagrees_is_shown_and_can_be_accepted(self, muster, office, place):
        muster("register", "edit", office[0], "--firmware", "0.9")
        with Register.open(str(place), FixedClock(MONDAY)) as register:
            register.ingest([heard("10.0.0.5", MAC_1, run="run-2", at=MONDAY + WEEK, firmware="1.1")])
        assert "disagrees" in muster("register", "show", office[0])[1]
        assert muster("register", "accept", office[0], "firmware")[0] == Exit.OK
        (row,) = json.loads(muster("register", "show", office[0], "--format", "json")[1])
        assert row["firmware"] == "1.1"

    def test_a_sensor_is_entered_by_hand(self, muster, office):
        code, said = muster(
            "register", "enter", "--site", "hq", "--device-class", "environmental-sensor", "--purpose", "濕度"
        )
        assert code == Exit.OK
        assert said.split()[-1] in muster("register", "list", "class:environmental-sensor")[1]

    def test_the_life_of_a_record(self, muster, office):
        assert muster("register", "status", "retired", office[0])[0] == Exit.OK
        assert office[0] in muster("register", "list", "status:retired")[1]

    @pytest.mark.parametrize("form", ["table", "csv"])
    def test_logs_are_told_in_words_and_json_has_the_codes(self, muster, office, form):
        muster("register", "status", "retired", office[0])
        muster("register", "edit", office[0], "--device-class", "camera")
        done = muster("register", "audit", "--format", form, lang="zh_TW")[1]
        for word in ("變更狀態", "編輯", "狀態: ", "→ 已除役", "類別: ", "→ 網路攝影機"):
            assert word in done
        changed = muster("register", "log", office[0], "--format", form, lang="zh_TW")[1]
        assert {"狀態", "已除役", "類別", "網路攝影機"} <= set(changed.replace(",", " ").split())
        raw = json.loads(muster("register", "audit", "--format", "json", lang="zh_TW")[1])
        assert [entry["action"] for entry in raw] == ["status", "edit"]

    def test_the_log_of_who_did_what_can_be_verified(self, muster, office, place):
        muster("register", "edit", office[0], "--owner", "王小明")
        (entry,) = json.loads(muster("register", "audit", office[0], "--format", "json")[1])
        assert (entry["by"], entry["detail"]) == ("chen", {"owner": " → 王小明"})
        assert muster("register", "audit", "--verify")[0] == Exit.OK
        raw = sqlite3.connect(place)
        raw.execute("UPDATE audit SET by = 'mallory'")
        raw.commit()
        raw.close()
        code, said = muster("register", "audit", "--verify")
        assert (code, said.strip()) == (Exit.FINDINGS, "the log was altered at entry 1")

    def test_entries_taken_off_the_end_of_the_log_are_missed(self, muster, office, place):
        def without_the_last():
            with closing(sqlite3.connect(place)) as raw, raw:
                raw.execute("DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)")

        muster("register", "edit", office[0], "--owner", "王小明")
        muster("register", "join", *office)
        noted = muster("register", "audit", "--verify")[1].split()[-1]
        assert muster("register", "audit", "--holds", noted)[0] == Exit.OK
        without_the_last()  # the joining, which only its digest tells of
        assert muster("register", "audit", "--verify")[0] == Exit.OK
        assert muster("register", "audit", "--holds", noted)[0] == Exit.FINDINGS
        without_the_last()  # the edit left a step
        assert "altered at entry 1" in muster("register", "audit", "--verify")[1]

    def test_what_waits_is_joined(self, muster, office, place):
        with Register.open(str(place), FixedClock(MONDAY)) as register:
            register.ingest([heard("10.9.0.5", hostname="cam-1")])
            register.ingest([heard("10.9.0.5", run="run-2", at=MONDAY + WEEK, tls_key="aa")])
        (pair,) = json.loads(muster("register", "review", "--format", "json")[1])
        assert muster("register", "apart", "99")[0] == Exit.USAGE
        assert muster("register", "join", pair["device"], pair["other"])[0] == Exit.OK
        assert json.loads(muster("register", "review", "--format", "json")[1]) == []

    @pytest.mark.parametrize("form", EXPORT_FORMS)
    def test_every_export_writes_its_file(self, muster, office, tmp_path, form):
        out = tmp_path / f"register.{form}"
        assert muster("register", "export", "--format", form, "--out", str(out))[0] == Exit.OK
        assert out.stat().st_size > 100

    def test_json_goes_to_the_reader(self, muster, office):
        _code, written = muster("register", "export", "class:printer")
        (row,) = json.loads(written)
        assert (row["id"], row["addresses"][0]["ip"]) == (office[0], "10.0.0.5")

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["show", "d-nosuchone"], "there is no device d-nosuchone"),
            (["list", "colour:red"], "no field 'colour'"),
            (["list", "--sort", "colour"], "cannot sort by 'colour'"),
            (["edit", "d-nosuchone", "--owner", "x"], "there is no device"),
            (["edit", "d-nosuchone"], "nothing to change"),
            (["enter", "--site", "hq"], "say something about the device"),
            (["export", "--format", "xlsx"], "say --out FILE"),
        ],
    )
    def test_what_cannot_be_done_is_one_line(self, muster, office, arguments, says):
        code, said = muster("register", *arguments)
        assert code == Exit.USAGE
        assert says in said

    def test_a_file_that_cannot_be_written_is_one_line(self, muster, office, tmp_path):
        code, said = muster("register", "export", "--out", str(tmp_path / "none" / "x.json"))
        assert (code, "cannot be written" in said) == (Exit.NOT_ALLOWED, True)


class TestFindings:
    def test_the_list_leaves_out_what_is_resolved_until_asked(self, muster, office):
        rows = json.loads(muster("findings", "list", "--format", "json")[1])
        assert [row["id"] for row in rows] == ["f-0"]
        rows = json.loads(muster("findings", "list", "--state", "resolved", "--format", "json")[1])
        assert [row["device"] for row in rows] == [office[1]]
        assert json.loads(muster("findings", "list", "--article", "24", "--format", "json")[1]) == []
        assert "RICOH IM C3000" in muster("findings", "list", "--device", office[0])[1]

    def test_one_finding_with_its_remedy_in_the_language_asked_for(self, muster, office):
        assert "Enter the owner" in muster("findings", "show", "f-0")[1]
        assert "未填管理人員" in muster("findings", "show", "f-0", lang="zh_TW")[1]

    def test_an_unknown_finding_is_one_line(self, muster, office):
        assert muster("findings", "show", "nothing")[0] == Exit.USAGE


class TestTheHumanSide:
    def test_an_import_is_tried_taken_and_taken_back(self, muster, office, tmp_path):
        (tmp_path / "list.csv").write_text("設備名稱,IP,管理人員\nfax,10.0.0.77,王小明\n")
        code, said = muster("import", "register", "list.csv", "--site", "hq", "--dry-run")
        assert code == 0
        assert "管理人員 → owner" in said
        assert "entered" in said
        assert muster("register", "list", "10.0.0.77", "--format", "json")[1].strip() in ("[]", "")
        assert muster("import", "register", "list.csv", "--site", "hq")[0] == 0
        assert "王小明" in muster("register", "list", "10.0.0.77", "--format", "json")[1]
        assert muster("register", "undo")[0] == 0
        assert "王小明" not in muster("register", "list", "10.0.0.77", "--format", "json")[1]

    def test_a_dry_run_where_no_register_is_makes_none(self, muster, place, tmp_path):
        (tmp_path / "list.csv").write_text("設備名稱,IP,管理人員\nfax,10.0.0.77,王小明\n")
        code, said = muster("import", "register", "list.csv", "--site", "hq", "--dry-run")
        assert (code, "1 entered" in said, place.exists()) == (Exit.OK, True, False)

    def test_an_import_with_a_wrong_line_takes_nothing_and_says_which(self, muster, office, tmp_path):
        (tmp_path / "list.csv").write_text("class,IP,owner\ntoaster,10.0.0.77,Wang\nprinter,10.0.0.78,Wang\n")
        code, said = muster("import", "register", "list.csv", "--site", "hq")
        assert (code, "toaster" in said) == (Exit.BAD_INPUT, True)
        assert muster("import", "register", "list.csv", "--site", "hq", "--partly")[0] == 0
        assert "10.0.0.78" in muster("register", "list", "10.0.0.78", "--format", "json")[1]

    def test_confirmed_by_query_with_the_day_it_is_due_again(self, muster, office):
        code, said = muster("register", "confirm", "site:hq", "--half-yearly", "--signer", "Lin")
        assert (code, "due again on" in said) == (0, True)

    def test_the_past_and_what_differs(self, muster, office):
        device = json.loads(muster("register", "list", "--format", "json")[1])[0]["id"]
        assert muster("register", "show", device, "--as-of", "2001-01-01")[0] == Exit.USAGE
        assert muster("register", "show", device, "--as-of", "2999-01-01")[0] == 0
        assert muster("register", "list", "--as-of", "民國1088年1月1日")[0] == 0
        assert device in muster("register", "diff", "2001-01-01", "2999-01-01")[1]
        assert "not a day" in muster("register", "diff", "yesterday", "2999-01-01")[1]

    def test_the_directory(self, muster, office):
        assert muster("register", "directory", "owner", "Wang", "--set", "contact=6101")[0] == 0
        assert "6101" in muster("register", "directory", "owner")[1]
        assert "nothing is kept" in muster("register", "directory", "owner", "Wang", "--set", "shoe=42")[1]

    def test_moved_to_another_file(self, muster, office, tmp_path):
        code, said = muster("register", "move", str(tmp_path / "other.sqlite"))
        assert (code, "equal" in said) == (0, True), said
        assert muster("register", "move", str(tmp_path / "other.sqlite"))[0] == Exit.CONFLICT

    def test_a_place_is_confirmed_however_it_is_spelled(self, muster, office):
        muster(
            "register",
            "edit",
            office[0],
            "--location",
            "hq/3F / copy room",
            "--purchase-date",
            "112/3/5",
        )
        (shown,) = json.loads(muster("register", "show", office[0], "--format", "json")[1])
        assert (shown["location"], shown["purchase_date"]) == ("hq / 3F / copy room", "2023-03-05")
        assert "1 device confirmed" in muster("register", "confirm", "--location", "hq/ 3F")[1]
        assert muster("register", "confirm", "--location", "hq/4F")[0] == Exit.USAGE, "nobody is there"

    def test_the_directory_is_asked_without_being_written(self, muster, office):
        assert muster("register", "directory", "owner", "Wangg")[0] == Exit.USAGE
        assert muster("register", "directory", "owner", "--set", "contact=1")[0] == Exit.USAGE
        assert muster("register", "directory", "owner")[1].split() == []

    def test_a_field_of_the_firms_own(self, muster, office, monkeypatch):
        device = json.loads(muster("register", "list", "--format", "json")[1])[0]["id"]
        assert "custom_fields" in muster("register", "edit", device, "--field", "rack=R7")[1]
        monkeypatch.setenv("MUSTER_CUSTOM_FIELDS", '["rack"]')
        assert muster("register", "edit", device, "--field", "rack=R7")[0] == 0
        assert "R7" in muster("register", "show", device)[1]
        shown = json.loads(muster("register", "show", device, "--format", "json")[1])[0]
        assert shown["custom"] == {"rack": "R7"}
