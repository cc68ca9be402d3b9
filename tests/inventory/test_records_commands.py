"""exception, plan, attest and due, as people type them."""

import hashlib
import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from inventory.exits import Exit
from inventory.register import Register
from inventory.types import (
    Article,
    Assessment,
    Attestation,
    CheckOutcome,
    CheckResult,
    DeviceStatus,
    Duty,
    ObligationLevel,
    SystemClock,
    today,
)

TODAY = today(SystemClock())
ARTICLE = Article(
    *("guideline-2024", "G", "G", date(2024, 12, 27), "28", "Awareness", "認知", "", ""),
    *(ObligationLevel.MUST, "yearly"),
)
LATER = str(TODAY + timedelta(days=60))


@pytest.fixture
def listed(muster):
    """What a list says, as JSON."""

    def ask(*arguments):
        code, said = muster(*arguments, "--format", "json")
        assert code == Exit.OK, said
        return json.loads(said)

    return ask


@pytest.fixture
def planned(muster, office):
    """The camera is to be replaced."""
    words = ("--reason", "no more updates", "--successor", "AXIS P3265", "--due", LATER)
    assert muster("plan", "new", office[1], *words)[0] == Exit.OK
    return f"plan-{TODAY.year}-001"


def excepted(camera, plan):
    words = ("--article", "24", "--article", "25", "--reason", "no more updates", "--control", "own segment")
    why = ("--cause", "weakness", "--connection", "when-necessary")
    return (
        "exception",
        "add",
        camera,
        *words,
        *why,
        "--approver",
        "王經理",
        "--plan",
        plan,
        "--until",
        LATER,
    )


def test_an_exception_points_at_a_plan_and_can_be_ended(muster, office, planned, listed):
    code, said = muster(*excepted(office[1], "plan-1999-001"))
    assert (code, "muster plan new" in said) == (Exit.USAGE, True)
    code, said = muster(*excepted(office[0], planned))
    assert (code, "needs a plan that does" in said) == (Exit.USAGE, True), "the plan is another device's"
    code, said = muster(*excepted(office[1], planned))
    assert (code, "not shown by a measurement" in said) == (Exit.OK, True)
    assert "counts once its plan is approved" in said
    assert listed("exception", "list")[0]["state"] == "incomplete"
    assert muster("plan", "advance", planned)[0] == Exit.OK
    (row,) = listed("exception", "list")
    assert row["state"] == "in-force"
    assert row["device"] == office[1]
    assert (row["articles"], row["approver"], row["plan"]) == (["24", "25"], "王經理", planned)
    assert (row["start"], row["expiry"]) == (str(TODAY), LATER)
    assert muster("exception", "end", row["id"])[0] == Exit.OK
    assert listed("exception", "list")[0]["expiry"] == str(TODAY), "its last day is still one of its days"
    assert muster("exception", "end", "exception-0")[0] == Exit.USAGE


@pytest.mark.parametrize("blank", ["no more updates", "own segment", "王經理"])
def test_an_exception_says_why_what_compensates_and_who_approved(muster, office, planned, blank):
    words = [" " if word == blank else word for word in excepted(office[1], planned)]
    code, said = muster(*words)
    assert (code, "needs a reason, a compensating control and who approved it" in said) == (Exit.USAGE, True)


def test_an_exception_from_an_article_that_is_not_there_is_refused(muster, office, planned, place):
    with Register.open(str(place), SystemClock()) as register:
        register.save_assessment(Assessment(TODAY, (ARTICLE,)))
    articles = {"24": "28", "25": "99"}
    code, said = muster(*(articles.get(word, word) for word in excepted(office[1], planned)))
    assert (code, "guideline-2024 has no article 99; it has 28" in said) == (Exit.USAGE, True)


@pytest.mark.parametrize("article", ["22", "29", "guideline-2022/23", "tsa-2022/7-6"])
def test_nothing_excepts_from_the_register_paperwork_or_the_exceptions_article(
    muster, office, planned, article
):
    words = [article if word == "25" else word for word in excepted(office[1], planned)]
    code, said = muster(*words)
    assert (code, f"nothing is excepted from {article}" in said) == (Exit.USAGE, True), said


def test_nobody_signs_for_a_day_to_come_or_for_longer_than_the_cycle(muster, office):
    ticked = ("attest", "add", "28", "--item", "users-trained=yes", "--item", "managers-trained=yes")
    code, said = muster(*ticked, "--signed", str(TODAY + timedelta(days=1)))
    assert (code, "has not come yet" in said) == (Exit.USAGE, True)
    code, said = muster(*ticked, "--next", str(TODAY + timedelta(days=400)))
    assert (code, "--next cannot be later" in said) == (Exit.USAGE, True)
    assert muster(*ticked, "--next", str(TODAY + timedelta(days=300)))[0] == Exit.OK


def test_an_exception_ends_after_it_begins(muster, office, planned):
    words = excepted(office[1], planned)[:-1]
    assert muster(*words, str(TODAY - timedelta(days=1)))[0] == Exit.USAGE


def test_an_end_lengthens_no_exception(muster, office, planned, listed):
    assert muster(*excepted(office[1], planned))[0] == Exit.OK
    (held,) = listed("exception", "list")
    after = str(TODAY + timedelta(days=61))
    code, said = muster("exception", "end", held["id"], "--on", after)
    assert (code, LATER in said) == (Exit.USAGE, True), "longer than was approved takes a new one"
    assert listed("exception", "list") == [held]


def test_a_plan_goes_its_way_and_a_slip_is_kept(muster, planned, listed, place):
    for state in ("approved", "ordered"):
        assert muster("plan", "advance", planned)[0] == Exit.OK
        assert listed("plan", "list")[0]["state"] == state
    slipped = str(TODAY + timedelta(days=200))
    muster("plan", "advance", planned, "--due", slipped)
    assert [(row["state"], row["due"]) for row in listed("plan", "list")] == [("ordered", slipped)]
    way = [(step["state"], step["slipped"]) for step in listed("plan", "show", planned)]
    assert way == [("draft", 0), ("approved", 0), ("ordered", 0), ("ordered", 140)]
    assert muster("plan", "advance", planned, "--to", "retired")[0] == Exit.USAGE, "what of its devices?"
    assert muster("plan", "advance", planned, "--to", "retired", "--devices", "keep")[0] == Exit.OK
    assert listed("plan", "list") == []
    assert listed("plan", "list", "--all")[0]["state"] == "retired"
    assert muster("plan", "advance", planned)[0] == Exit.USAGE, "it has come to its end"
    with Register.open(str(place), SystemClock()) as register:
        days = [entry.detail["due"] for entry in register.audit(planned) if entry.action == "plan change"]
        assert days == [LATER, LATER, slipped, slipped]


def test_a_plan_carried_out_takes_its_devices_along_and_is_taken_back_as_one(muster, office, place, listed):
    words = ("--reason", "no more updates", "--due", LATER)
    assert muster("plan", "new", *office, *words)[0] == Exit.OK
    plan = f"plan-{TODAY.year}-001"
    before = {row["id"]: row["state"] for row in listed("findings", "list")}
    assert before
    done = ("plan", "advance", plan, "--to", "retired", "--devices", "retire", "--proof", "scrap note 7")
    assert muster(*done)[0] == Exit.OK
    assert listed("findings", "list") == []
    closed = listed("findings", "list", "--state", "resolved")
    assert {row["id"] for row in closed} >= set(before)
    (shown,) = listed("findings", "show", min(before))
    assert shown["resolved"] == str(TODAY)
    assert [said["text"] for said in shown["comments"]] == [f"{plan} · scrap note 7"]
    with Register.open(str(place), SystemClock()) as register:
        assert {one.status for one in register.devices()} == {DeviceStatus.RETIRED}
        register.undo("chen")
        assert DeviceStatus.RETIRED not in {one.status for one in register.devices()}
        assert register.plans()[0].state == "draft"
        assert register.comments() == ()
        assert register.audit_break() is None
    assert {row["id"]: row["state"] for row in listed("findings", "list")} == before


def test_a_plan_without_a_reason_names_the_findings_and_the_end_of_support(muster, office, place, listed):
    finding = listed("findings", "list")[0]
    other = next(one for one in office if one != finding["device"])
    assert muster("plan", "new", other, "--due", LATER)[0] == Exit.USAGE, "nothing speaks for it"
    with Register.open(str(place), SystemClock()) as register:
        facts = {"state": "ended", "ends": "2024-06-30"}
        now = SystemClock().now()
        register.save_results(
            [CheckResult(finding["device"], "firmware", CheckOutcome.FAIL, "", now, facts=facts)]
        )
    assert muster("plan", "new", finding["device"], "--due", LATER)[0] == Exit.OK
    (plan,) = listed("plan", "list")
    assert plan["reason"] == f"support ends 2024-06-30; {finding['id']} ({finding['article']})"


def test_the_forecast_counts_devices_and_cost_by_quarter_planned_or_not(muster, office, place, listed):
    muster("plan", "new", office[0], "--reason", "old", "--due", "120/5/1", "--budget", "90000")
    muster("plan", "new", office[0], "--reason", "old", "--due", "2031-06-01")
    with Register.open(str(place), SystemClock()) as register:
        facts = {"state": "ending", "ends": "2030-02-01"}
        said = CheckResult(office[1], "firmware", CheckOutcome.PASS, "", SystemClock().now(), facts=facts)
        register.save_results([said])
    counts = ("quarter", "planned", "unplanned", "budget", "without_budget")
    assert [tuple(row[name] for name in counts) for row in listed("plan", "forecast")] == [
        ("2030 Q1", 0, 1, 0, 0),
        ("2031 Q2", 1, 0, 90000, 1),
    ]


def test_an_answer_keeps_its_evidence_by_its_digest(muster, office, listed, tmp_path):
    (tmp_path / "minutes.pdf").write_bytes(b"signed")
    code, _said = muster(
        *("attest", "add", "22", "--answer", "no", "--device", office[0], "--signer", "林美玲"),
        *("--evidence", "minutes.pdf", "--note", "box 3", "--next", LATER),
    )
    assert code == Exit.OK
    (row,) = listed("attest", "list", "--article", "22")
    assert (row["answer"], row["signer"], row["device"]) == (False, "林美玲", office[0])
    assert row["evidence"] == f"box 3 minutes.pdf sha256:{hashlib.sha256(b'signed').hexdigest()}"
    assert listed("attest", "list", "--article", "28") == []
    assert muster("attest", "add", "24", "--answer", "yes", "--evidence", "none.pdf")[0] == Exit.USAGE


CONTRACT = ("service-commitment", "update-period", "weakness-report", "weakness-response")


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    ("said", "answer", "wrong"),
    [
        (("yes", "yes", "yes", "n/a:leased with service"), True, ""),
        (("yes", "yes", "no", "yes"), False, ""),
        (("yes", "yes", "yes"), None, "weakness-response"),
        (("yes", "yes", "yes", "n/a"), None, "weakness-response"),
        (("n/a:x", "n/a:x", "n/a:x", "n/a:x"), None, "something must apply"),
        (("yes", "yes", "yes", "perhaps"), None, "weakness-response=perhaps"),
    ],
)
def test_a_contract_is_answered_term_by_term(muster, listed, said, answer, wrong):
    items = [
        word for item, tick in zip(CONTRACT, said, strict=False) for word in ("--item", f"{item}={tick}")
    ]
    code, spoken = muster("attest", "add", "27", *items)
    assert (code, wrong in spoken) == (Exit.USAGE if wrong else Exit.OK, True), spoken
    assert ("known by" in spoken) == bool(answer and not wrong), "one found later is not spoken for"
    rows = listed("attest", "list", "--article", "27")
    assert [row["answer"] for row in rows] == ([] if wrong else [answer])
    if rows:
        (held,) = rows
        assert [f"{tick['answer']}:{tick['note']}" for tick in held["items"]][:2] == ["yes:", "yes:"]
        assert held["items"][3]["note"] == said[3].partition(":")[2]


def test_a_yes_needs_the_checklist_and_an_unknown_article_is_refused(muster, office, listed):
    assert muster("attest", "add", "27", "--answer", "yes")[0] == Exit.USAGE
    assert muster("attest", "add", "trainig", "--answer", "no")[0] == Exit.USAGE
    assert muster("attest", "add", "23", "--answer", "yes")[0] == Exit.USAGE, "nobody is asked this"
    assert muster("attest", "add", "27", "--answer", "no")[0] == Exit.OK
    asked = listed("attest", "questions")
    assert [row["item"] for row in asked if row["question"] == "contract"] == ["", *CONTRACT]


def test_an_answer_is_due_again_by_its_cycle(muster, office, listed):
    both = ("--item", "users-trained=yes", "--item", "managers-trained=yes")
    assert muster("attest", "add", "28", *both, "--signed", "2026-02-28")[0] == Exit.OK
    assert listed("attest", "list")[0]["next_due"] == "2027-02-28"


def test_what_is_due_stands_in_one_list_the_late_on_top(muster, office, planned, listed):
    muster(*excepted(office[1], planned))
    for signed, following in (("2025-01-05", "2026-01-05"), ("2026-01-05", LATER)):
        muster("attest", "add", "privileges", "--answer", "yes", "--signed", signed, "--next", following)
    rows = listed("due")
    assert [row["kind"] for row in rows] == ["finding", "answer again", "exception ends", "plan"]
    assert [row["late"] for row in rows] == [True, False, False, False], "an answer replaces the one before"
    assert [row["kind"] for row in listed("due", "--within", "0")] == ["finding"]


def test_what_nobody_ever_answered_is_due_and_what_is_settled_is_not(muster, office, planned, place, listed):
    with Register.open(str(place), SystemClock()) as register:
        judged = register.last_assessment()
        register.save_assessment(replace(judged, articles=(ARTICLE,)))
        register.confirm(office, Duty.HALF_YEARLY, "Lin", "chen")
    rows = listed("due", "--within", "3660")
    (never,) = (row for row in rows if row["kind"] == "never answered")
    assert (never["due"], never["what"].split()[0]) == (str(TODAY), "guideline-2024/28")
    (again,) = (row for row in rows if row["kind"] == "confirm again")
    assert again["device"].split() == sorted(office), "one line for all that were confirmed together"
    muster("attest", "add", "28", "--answer", "no")
    muster(*excepted(office[1], planned))
    muster("register", "status", "retired", office[1])
    kinds = {row["kind"] for row in listed("due", "--within", "3660")}
    assert kinds == {"finding", "plan", "confirm again", "answer again"}, (
        "the retired one's exception is past"
    )


def test_a_yes_signed_before_there_was_a_checklist_is_due_at_once(office, place, listed):
    with Register.open(str(place), SystemClock()) as register:
        register.add_attestation(Attestation("a-1", "27", "", True, "Lin", TODAY, "contract.pdf"), "chen")
    (again,) = (row for row in listed("due") if row["kind"] == "answer again")
    assert again["due"] == str(TODAY)


def test_what_is_due_is_given_as_a_calendar_too(muster, planned):
    code, said = muster("due", "--format", "ics")
    assert (code, said.splitlines()[0]) == (Exit.OK, "BEGIN:VCALENDAR")
    assert f"UID:{planned}@muster.invalid" in said


def test_each_of_them_can_be_undone(muster, office, planned, place):
    muster(*excepted(office[1], planned))
    muster("attest", "add", "privileges", "--answer", "yes")
    muster("plan", "advance", planned)
    with Register.open(str(place), SystemClock()) as register:
        for _change in range(4):
            register.undo("chen")
        assert (register.plans(), register.exceptions(), register.attestations()) == ((), (), ())
        assert register.audit_break() is None


def test_a_role_that_may_not_is_refused_on_the_command_line_too(muster, office, planned, monkeypatch):
    monkeypatch.setenv("MUSTER_ROLES", '{"lin": "facilities", "wu": "auditor"}')
    for operator, may_advance in (("lin", Exit.OK), ("wu", Exit.NOT_ALLOWED)):
        monkeypatch.setenv("MUSTER_OPERATOR", operator)
        assert muster("plan", "advance", planned)[0] == may_advance
        assert muster(*excepted(office[1], planned))[0] == Exit.NOT_ALLOWED
        assert muster("plan", "list")[0] == Exit.OK


def test_a_finding_is_assigned_put_off_and_talked_about(muster, office, listed, place):
    finding = listed("findings", "list")[0]["id"]
    code, told = muster("findings", "assign", finding, "王小明", "--due", "2025-12-31")
    assert (code, "it cannot be due before" in told) == (Exit.USAGE, True), told
    assert muster("findings", "assign", finding, "王小明", "--due", LATER)[0] == Exit.OK
    assert muster("findings", "comment", finding, "waiting for the vendor")[0] == Exit.OK
    assert muster("findings", "comment", finding, " ")[0] == Exit.USAGE
    assert muster("findings", "assign", "f-none", "王小明")[0] == Exit.USAGE
    assert listed("findings", "list")[0]["said"] == "chen: waiting for the vendor"
    (shown,) = listed("findings", "show", finding)
    assert (shown["assignee"], shown["due"], shown["state"]) == ("王小明", LATER, "open")
    assert [said["text"] for said in shown["comments"]] == ["waiting for the vendor"]
    assert [said["state"] for said in shown["states"]] == ["open"]
    assert [(one["by"], one["text"]) for one in shown["assigned"]] == [
        ("chen", f"Assigned to: 王小明 · Due: {LATER}")
    ], "who put it off, and until when, stays to be seen"
    with Register.open(str(place), SystemClock()) as register:
        judged = register.last_assessment()
        register.save_assessment(judged)
        kept = next(one for one in register.findings() if one.id == finding)
        assert kept.assignee == "王小明", "an assessment leaves it alone"
