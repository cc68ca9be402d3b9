"""Feeds are read in their publishers' forms, kept with digest and date, and asked only what they say."""

import gzip
import json
from contextlib import suppress
from datetime import date, timedelta
from http.client import HTTPMessage
from io import BytesIO
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request

import pytest
from feed_files import KEV, cpe, match, nvd, product, products, release, weakness
from hypothesis import given
from hypothesis import strategies as st

from agent.checks.knowledge import NOTHING, Knowledge, gather
from agent.checks.notice import Support
from agent.feeds.fetch import SOURCES, SealedOnly, chosen, fetch
from agent.feeds.formats import Kind, read_feed
from agent.feeds.shelf import Shelf, shelf_beside
from inventory.exits import BadInput, Unavailable, UsageFault

ON = date(2026, 8, 22)
NO_TIME = timedelta()
X9 = cpe("o", "acme", "x9_firmware")
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "eol" / "cases.jsonl"


# -- formats -------------------------------------------------------------------------------------------------


def test_each_form_is_known_by_its_shape() -> None:
    old = {
        "CVE_data_timestamp": "2021-01-02T00:00Z",
        "CVE_Items": [
            {
                "cve": {"CVE_data_meta": {"ID": "CVE-2020-1"}},
                "impact": {"baseMetricV3": {"cvssV3": {"baseScore": 9.8}}},
                "configurations": {
                    "nodes": [{"operator": "OR", "cpe_match": [{"vulnerable": True, "cpe23Uri": X9}]}]
                },
            }
        ],
    }
    cycles = [{"cycle": "7.4", "eol": "2028-11-11", "support": False, "latest": "7.4.9"}]
    read = {
        "kev.json": read_feed(KEV, "kev.json"),
        "nvd.json.gz": read_feed(gzip.compress(nvd(weakness("CVE-1-1", 5.0, match(X9)))), "nvd.json.gz"),
        "old.json": read_feed(json.dumps(old).encode(), "old.json"),
        "full.json": read_feed(products(product("fortios", release("7.4", "2028-11-11"))), "full.json"),
        "fortios.json": read_feed(json.dumps(cycles).encode(), "some/where/fortios.json"),
        "all.json": read_feed(json.dumps({"fortios": cycles}).encode(), "all.json"),
    }
    assert [feed.kind for feed in read.values()] == [Kind.KEV, Kind.NVD, Kind.NVD, *[Kind.END_OF_LIFE] * 3]
    assert [feed.dated for feed in read.values()] == [
        date(2026, 11, 20),
        date(2026, 11, 19),
        date(2021, 1, 2),
        ON,
        None,
        None,
    ]
    assert all("fortios" in read[name].entries for name in ("full.json", "fortios.json", "all.json"))
    assert read["old.json"].entries["CVE-2020-1"]["score"] == 9.8


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "feed.json:1:"),
        (b"[]", "is no CISA KEV"),
        (b"[1, 2]", "is no CISA KEV"),
        (b'"text"', "is no CISA KEV"),
        (b"\xff\xfe", "is not UTF-8"),
        (gzip.compress(KEV, mtime=0)[:40], "gzip file is damaged"),
        (b'{"catalogVersion": "1", "vulnerabilities": []}', "is empty"),
        (b'{"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-1-1"}]}', "not of the feed's form"),
        (b'{"format": "NVD_CVE", "vulnerabilities": [{"cve": {}}]}', "not of the feed's form"),
        (b"[" * 100_000, "feed.json"),
    ],
)
def test_a_wrong_file_is_one_clear_line(content: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=r"feed\.json") as refused:
        read_feed(content, "feed.json")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda one: (
            st.lists(one)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "catalogVersion",
                        "vulnerabilities",
                        "cve",
                        "result",
                        "releases",
                        "cycle",
                        "name",
                        "format",
                    ]
                ),
                one,
            )
        ),
        max_leaves=8,
    )
)
def test_no_json_breaks_the_reader(data: object) -> None:
    with suppress(BadInput):
        assert read_feed(json.dumps(data).encode(), "any.json").entries


# -- the shelf -----------------------------------------------------------------------------------------------


def test_a_feed_is_kept_with_digest_and_date_and_grows_stale(tmp_path: Path) -> None:
    shelf = shelf_beside(str(tmp_path / "register.sqlite"))
    kept = shelf.take(KEV, "kev.json", date(2026, 11, 21))
    assert shelf.index() == (kept,)
    assert (kept.dated, kept.imported, kept.entries) == (date(2026, 11, 20), date(2026, 11, 21), 2)
    assert not kept.is_stale(date(2026, 12, 20), 30)
    assert kept.is_stale(date(2026, 12, 21), 30)
    (feed,) = shelf.feeds()
    assert set(feed.entries) == {"CVE-2024-21762", "CVE-2099-0001"}
    assert feed.digest == kept.sha256


def test_a_newer_catalogue_replaces_the_older_and_other_files_stand_together(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.take(KEV, "kev.json", ON)
    shelf.take(KEV.replace(b"2026.11.20", b"2026.11.21"), "newer.json", ON)
    shelf.take(nvd(weakness("CVE-1-1", 5.0, match(X9))), "nvd-2025.json", ON)
    shelf.take(nvd(weakness("CVE-1-2", 5.0, match(X9))), "nvd-2026.json", ON)
    assert [kept.name for kept in shelf.index()] == ["newer.json", "nvd-2025.json", "nvd-2026.json"]
    assert len(list(tmp_path.iterdir())) == 4


def test_what_is_older_than_what_is_kept_must_be_asked_for(tmp_path: Path) -> None:
    shelf, older = Shelf(tmp_path / "feeds"), KEV.replace(b"2026-11-20T", b"2026-11-01T")
    shelf.take(KEV, "kev.json", ON)
    with pytest.raises(BadInput, match="of 2026-11-01, the one kept of 2026-11-20"):
        shelf.take(older, "yesterday.json", ON)
    assert [one.name for one in shelf.index()] == ["kev.json"]
    assert shelf.take(older, "yesterday.json", ON, even_older=True).dated == date(2026, 11, 1)


def test_the_same_file_again_is_not_a_younger_one(tmp_path: Path) -> None:
    shelf, cycles = Shelf(tmp_path / "feeds"), b'[{"cycle": "7.4", "eol": false}]'
    shelf.take(cycles, "fortios.json", ON)
    shelf.take(cycles, "fortios.json", ON + timedelta(days=400))
    assert [one.imported for one in shelf.index()] == [ON]
    known = gather(shelf.feeds())
    assert known.standing("fortios", "7.4.8", ON) is not None
    assert known.standing("fortios", "7.4.8", ON + timedelta(days=400)) is None


def test_a_feed_changed_by_hand_is_refused(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.take(KEV, "kev.json", ON)
    (place,) = tmp_path.glob("kev-*.json")
    place.write_bytes(place.read_bytes().replace(b"21762", b"21763"))
    with pytest.raises(BadInput, match=r"was changed since kev\.json was imported"):
        list(shelf.feeds())


def test_a_file_that_is_not_the_one_meant_is_not_imported(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "feeds")
    with pytest.raises(BadInput, match="SHA-256"):
        shelf.take(KEV, "kev.json", ON, sha256="00" * 32)
    assert shelf.index() == ()
    assert not shelf.folder.exists()


def test_a_broken_index_is_said_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text("[{}]")
    with pytest.raises(BadInput, match="import them again"):
        Shelf(tmp_path).index()


def test_without_a_connection_the_update_says_what_to_do_instead() -> None:
    def no_network(_request: Request, _patience: float) -> BytesIO:
        raise URLError("Name or service not known")

    with pytest.raises(Unavailable, match="muster feed import"):
        fetch(SOURCES[0], no_network)


def test_an_update_asks_for_https_and_gives_nothing_away() -> None:
    asked: list[Request] = []

    def answer(request: Request, _patience: float) -> BytesIO:
        asked.append(request)
        return BytesIO(KEV)

    assert [fetch(source, answer) for source in chosen(("kev",))] == [KEV]
    with pytest.raises(UsageFault, match="there are kev, endoflife, nvd"):
        chosen(("virus",))


def test_an_update_that_is_sent_on_stays_within_tls() -> None:
    asked, nothing = Request(SOURCES[0].address), HTTPMessage()
    with pytest.raises(URLError, match="sent on to http://elsewhere"):
        SealedOnly().redirect_request(asked, BytesIO(), 302, "", nothing, "http://elsewhere.example/kev.json")
    on = SealedOnly().redirect_request(asked, BytesIO(), 302, "", nothing, "https://elsewhere.example/kev")
    assert on is not None
    assert on.full_url == "https://elsewhere.example/kev"


# -- weaknesses ----------------------------------------------------------------------------------------------


def knowing(*contents: bytes) -> Knowledge:
    return gather(read_feed(content, "feed.json") for content in contents)


@pytest.mark.parametrize(
    ("ends", "version", "weak"),
    [
        ({"versionEndExcluding": "2.5"}, "2.4.9", True),
        ({"versionEndExcluding": "2.5"}, "2.5", False),
        ({"versionEndIncluding": "2.5"}, "2.5", True),
        ({"versionEndIncluding": "2.5"}, "2.5.1", False),
        ({"versionEndIncluding": "2.5"}, "2.6", False),
        ({"versionStartIncluding": "2.0", "versionEndExcluding": "2.5"}, "1.9", False),
        ({"versionStartIncluding": "2.0", "versionEndExcluding": "2.5"}, "2.0", True),
        ({"versionStartExcluding": "2.0", "versionEndExcluding": "2.5"}, "2.0", False),
        ({"versionEndExcluding": "2.5"}, "unreadable", False),
        ({}, "7.0", True),
    ],
)
def test_a_weakness_is_claimed_within_its_range_only(ends: dict[str, str], version: str, weak: bool) -> None:
    known = knowing(nvd(weakness("CVE-1-1", 9.8, match(X9, **ends))))
    found = known.weaknesses("Acme", "X9", version)
    assert [one.cve for one in found] == (["CVE-1-1"] if weak else [])


def test_a_weakness_of_other_hardware_version_or_maker_is_not_claimed() -> None:
    one_version = match(cpe("o", "acme", "x9_firmware", "2.4"))
    on_other = weakness("CVE-1-2", 9.8, match(X9), on=(cpe("h", "acme", "x10", "-"),))
    on_this = weakness("CVE-1-3", 9.8, match(X9), on=(cpe("h", "acme", "x9", "-"),))
    unversioned = weakness("CVE-1-4", 9.8, match(cpe("o", "acme", "x9_firmware", "-")))
    known = knowing(nvd(weakness("CVE-1-1", 9.8, one_version), on_other, on_this, unversioned))
    assert {one.cve for one in known.weaknesses("Acme", "X9", "2.4")} == {"CVE-1-1", "CVE-1-3"}
    assert {one.cve for one in known.weaknesses("Acme", "X9", "2.6")} == {"CVE-1-3"}
    assert known.weaknesses("Other", "X9", "2.4") == ()
    assert known.weaknesses("Acme", "X90", "2.4") == ()


def test_a_system_is_compared_by_its_makers_scheme() -> None:
    hotfix = match(
        cpe("o", "paloaltonetworks", "pan-os"),
        versionStartIncluding="10.1.0",
        versionEndExcluding="10.1.14-h9",
    )
    known = knowing(nvd(weakness("CVE-1-1", 8.8, hotfix)))
    assert known.weaknesses("Palo Alto Networks", "PA-440", "10.1.14-h6")
    assert not known.weaknesses("Palo Alto Networks", "PA-440", "10.1.14-h9")


def test_a_rejected_weakness_takes_back_what_was_said_before() -> None:
    told = weakness("CVE-1-1", 9.8, match(X9))
    assert knowing(nvd(told)).weaknesses("Acme", "X9", "1.0")
    assert not knowing(nvd(told), nvd({**told, "vulnStatus": "Rejected"})).weaknesses("Acme", "X9", "1.0")


@pytest.mark.parametrize(
    ("metrics", "score"),
    [
        ({"cvssMetricV40": [9.3], "cvssMetricV31": [6.5]}, 9.3),
        ({"cvssMetricV2": [7.5]}, 7.5),
        ({"cvssMetricV30": [5.0], "cvssMetricV2": [10.0]}, 5.0),
        ({}, None),
    ],
)
def test_a_weakness_is_graded_by_the_newest_versions_of_cvss(
    metrics: dict[str, list[float]], score: float | None
) -> None:
    graded = {name: [{"cvssData": {"baseScore": one}} for one in scores] for name, scores in metrics.items()}
    known = knowing(nvd({**weakness("CVE-1-1", 0, match(X9)), "metrics": graded}))
    assert [one.score for one in known.weaknesses("Acme", "X9", "1.0")] == [score]


def test_what_is_exploited_stands_first_and_is_grave() -> None:
    known = knowing(KEV, nvd(weakness("CVE-2099-0001", 4.0, match(X9)), weakness("CVE-1-1", 6.9, match(X9))))
    first, second = known.weaknesses("Acme", "X9", "1.0")
    assert (first.cve, first.exploited, first.is_grave) == ("CVE-2099-0001", date(2026, 5, 1), True)
    assert not second.is_grave


# -- ends of life --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("eol", "eoes", "on", "state"),
    [
        ("2026-08-21", None, ON, Support.ENDED),
        ("2026-08-22", None, ON, Support.ENDING),
        ("2026-08-23", None, ON, Support.SUPPORTED),
        ("2026-08-21", "2027-01-01", ON, Support.SECURITY_ENDED),
        (True, None, ON, Support.ENDED),
        (True, None, ON - timedelta(days=400), None),
        (False, None, ON, Support.SUPPORTED),
        (False, None, ON + timedelta(days=400), None),
        (None, None, ON, None),
    ],
)
def test_a_cycle_stands_as_its_source_says(
    eol: str | bool | None, eoes: str | None, on: date, state: Support | None
) -> None:
    given_release = {**release("7.4", eol, eoes), **({"isEol": None} if eol is None else {})}
    found = knowing(products(product("fortios", given_release))).standing("FortiOS", "7.4.3", on)
    assert (found.state if found else None) is state


@pytest.mark.parametrize(
    ("version", "cycle"),
    [
        ("7.4.3", "7.4"),
        ("v7.4.3 build 1", "7.4"),
        ("7.40.1", "7"),
        ("7", "7"),
        ("11-23H2", "11-23h2"),
        ("8", None),
        ("17.09.04a", "17.9"),
    ],
)
def test_a_version_belongs_to_the_longest_cycle_that_begins_it(version: str, cycle: str | None) -> None:
    releases = [release(name, "2030-01-01") for name in ("7", "7.4", "11-23h2", "17.9")]
    found = knowing(products(product("thing", *releases))).standing("thing", version, ON)
    assert (found.cycle if found else None) == cycle


def test_ending_is_told_in_time_and_names_its_day() -> None:
    known = knowing(products(product("fortios", release("7.4", "2026-12-31"))))
    soon = known.cycle("Fortinet", "FortiGate-60F", "v7.4.8", ON, timedelta(days=365))
    assert soon is not None
    assert (soon.state, soon.ends) == (Support.ENDING, date(2026, 12, 31))
    assert known.cycle("Fortinet", "FortiSwitch-124E", "v7.4.8", ON, NO_TIME) is None


def test_the_version_of_the_facts_changes_with_the_feeds() -> None:
    versions = {
        NOTHING.version,
        knowing(KEV).version,
        knowing(KEV, nvd(weakness("CVE-1-1", 5, match(X9)))).version,
    }
    assert len(versions) == 3
    assert knowing(KEV).version == knowing(KEV).version


@pytest.mark.skipif(not CORPUS.exists(), reason="the recorded corpus is not beside this checkout")
def test_recorded_cases_are_answered_right_or_not_at_all() -> None:
    cases = [json.loads(line) for line in CORPUS.read_text().splitlines()]
    by_product: dict[str, list[dict[str, object]]] = {}
    for case in cases:
        by_product.setdefault(case["product"], []).append(release(case["cycle"], case["expected"]["eol"]))
    known = knowing(products(*(product(name, *releases) for name, releases in by_product.items())))
    wrong, right = [], 0
    for case in cases:
        found = known.standing(case["product"], case["cycle"], date.fromisoformat(case["as_of"]))
        if found is None:
            continue
        is_over = found.state in (Support.ENDED, Support.SECURITY_ENDED)
        right += is_over is case["expected"]["is_eol_as_of"]
        wrong += [case["id"]] if is_over is not case["expected"]["is_eol_as_of"] else []
    assert wrong == []
    assert right == len(cases)
