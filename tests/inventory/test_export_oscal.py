"""OSCAL's own models read what we write, and find in it what the snapshot holds."""

import json
from dataclasses import replace
from datetime import date

import pytest
from trestle.oscal.assessment_results import Model as AssessmentResults
from trestle.oscal.poam import Model as PlanOfAction

from inventory.export import as_oscal_poam, as_oscal_results
from inventory.export.oscal import item_id, prose
from inventory.snapshot import Snapshot
from inventory.types import Attribute, Held, VerdictOutcome, share
from tests.inventory.frozen_office import (
    ARTICLES,
    CAMERA,
    HOSTILE,
    OFFICE,
    ON,
    PRINTER,
    SCANNED,
    rendered,
    verdict,
)

LANGUAGES = ("en", "zh_TW")
BARE = Snapshot("", ON)


def results(snapshot: Snapshot, language: str = "en") -> dict:
    """The assessment results, after OSCAL's own model has read them."""
    content = rendered(as_oscal_results, snapshot, language)
    AssessmentResults.model_validate_json(content)
    return json.loads(content)["assessment-results"]


def plan(snapshot: Snapshot, language: str = "en") -> dict:
    content = rendered(as_oscal_poam, snapshot, language)
    PlanOfAction.model_validate_json(content)
    return json.loads(content)["plan-of-action-and-milestones"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "snapshot", [OFFICE, BARE, replace(OFFICE, findings=())], ids=["office", "bare", "clean"]
)
def test_oscals_models_accept_both_documents(snapshot, language) -> None:
    results(snapshot, language)
    plan(snapshot, language)


def test_every_reference_leads_to_something_in_the_document() -> None:
    (result,) = (document := results(OFFICE))["results"]
    items = {item["uuid"] for item in result["local-definitions"]["inventory-items"]}
    parties = {party["uuid"] for party in document["metadata"]["parties"]}
    observations = {one["uuid"]: one for one in result["observations"]}
    assert len(observations) == len(result["observations"])
    for one in observations.values():
        assert {subject["subject-uuid"] for subject in one["subjects"]} <= items | parties
    related = [one["observation-uuid"] for f in result["findings"] for one in f["related-observations"]]
    assert set(related) == observations.keys()
    resources = {resource["uuid"] for resource in document["back-matter"]["resources"]}
    assert document["import-ap"]["href"].removeprefix("#") in resources
    document = plan(OFFICE)
    risks = {risk["uuid"] for risk in document["risks"]}
    assert {one["related-risks"][0]["risk-uuid"] for one in document["poam-items"]} == risks


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ([VerdictOutcome.COMPLIANT, VerdictOutcome.BREACH], {"state": "not-satisfied", "reason": "fail"}),
        (
            [VerdictOutcome.COMPLIANT, VerdictOutcome.UNDETERMINED],
            {"state": "not-satisfied", "reason": "other"},
        ),
        ([VerdictOutcome.COMPLIANT], {"state": "not-satisfied", "reason": "other"}),
        ([], {"state": "not-satisfied", "reason": "other"}),
        ([VerdictOutcome.COMPLIANT, VerdictOutcome.COMPLIANT], {"state": "satisfied", "reason": "pass"}),
        ([VerdictOutcome.EXCEPTED, VerdictOutcome.NOT_APPLICABLE], {"state": "satisfied", "reason": "pass"}),
    ],
)
def test_an_article_is_satisfied_only_where_every_device_is(outcomes, status) -> None:
    """Two devices: one not judged, or not to be judged, keeps the article from being satisfied."""
    devices = (PRINTER, CAMERA)
    verdicts = [verdict(device.id, "22", outcome) for device, outcome in zip(devices, outcomes, strict=False)]
    office = replace(OFFICE, devices=devices, articles=ARTICLES[:1], verdicts=share(verdicts))
    (found,) = results(office)["results"][0]["findings"]
    assert found["target"]["status"] == status


def test_the_plan_of_action_has_due_days_controls_and_replacements() -> None:
    document = plan(OFFICE)
    by_status = {risk["status"]: risk for risk in document["risks"]}
    assert by_status["open"]["deadline"] in ("2026-10-30T00:00:00Z", "2026-12-20T00:00:00Z")
    excepted = by_status["deviation-approved"]
    assert excepted["mitigating-factors"][0]["description"] == "Alone in its segment, printing only."
    planned = next(one for one in excepted["remediations"] if one["lifecycle"] == "planned")
    assert planned["tasks"][0]["timing"] == {"on-date": {"date": "2027-03-31T00:00:00Z"}}
    assert "closed" not in by_status  # resolved: nothing is left to do
    shared = next(one for one in document["poam-items"] if {"devices": "2"}.items() <= values(one).items())
    assert values(shared)["due"] == "2026-12-20"


def values(node: dict) -> dict[str, str]:
    return {prop["name"]: prop["value"] for prop in node["props"]}


def test_an_exception_that_has_lapsed_mitigates_nothing() -> None:
    document = plan(replace(OFFICE, on=date(2027, 2, 1)))
    assert all("mitigating-factors" not in risk for risk in document["risks"])


@pytest.mark.parametrize(
    "text",
    [HOSTILE, "\x00", " ", "\n# Heading\n", "[x](javascript:alert(1))", "<img src=x>", "\ud800", "`a`"],
)
def test_any_device_text_is_a_valid_and_harmless_value(text) -> None:
    held = {Attribute.MODEL: Held(text, "x", SCANNED), Attribute.LOCATION: Held(text, "x", SCANNED)}
    office = replace(OFFICE, devices=(replace(PRINTER, attributes=held), *OFFICE.devices[1:]))
    item = results(office)["results"][0]["local-definitions"]["inventory-items"][0]
    assert item["uuid"] == item_id(PRINTER.id)
    assert "<" not in item["description"].replace("\\<", "")
    assert "](" not in item["description"].replace("\\](", "")
    plan(office)


def test_markup_in_prose_takes_no_effect() -> None:
    assert prose("a <b> [c](d) *e*\n\n# f") == r"a \<b\> \[c\](d) \*e\* \# f"
    assert prose("") == "-"
