"""What the fingerprints make of the recorded corpus stays at least as good as it was."""

import pytest

from agent.fingerprints import Fingerprinter
from agent.fingerprints.loading import load
from tests.accuracy import CORPUS, measure, rates, recorded_cases, scorer, without_own_rules

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not (CORPUS / "score.py").exists(), reason="no recorded corpus beside the checkout"),
]
FLOORS = {  # recall, precision
    ("Banners", "vendor"): (0.98, 0.98),
    ("Banners", "model"): (0.93, 0.95),
    ("Banners", "version"): (0.97, 0.98),
    ("Banners", "serial"): (0.96, 0.99),
    ("SNMP, office", "vendor"): (0.98, 0.98),
    ("SNMP, office", "model"): (0.93, 0.95),
    ("SNMP, office", "version"): (0.94, 0.97),
    ("SNMP, office", "serial"): (0.90, 0.98),
    ("SNMP, office", "category"): (0.93, 0.96),
    ("Brother", "serial"): (1.0, 1.0),
    ("IPP", "model"): (1.0, 1.0),
}
LEFT_OUT_FLOORS = {  # of a vendor that no rule names
    ("Banners", "vendor"): (0.72, 0.97),
    ("Banners", "model"): (0.44, 0.82),
    ("Banners", "version"): (0.73, 0.94),
    ("SNMP, office", "vendor"): (0.91, 0.95),
    ("SNMP, office", "model"): (0.44, 0.74),
    ("SNMP, office", "version"): (0.57, 0.87),
    ("SNMP, office", "serial"): (0.34, 0.94),
    ("SNMP, office", "category"): (0.70, 0.94),
}


@pytest.fixture(scope="module")
def measured():
    engine = Fingerprinter(load(cached=False))
    return measure(scorer(), list(recorded_cases()), lambda _case: engine)


@pytest.mark.parametrize(("group", "field"), FLOORS)
def test_devices_are_named_as_well_as_before(measured, group, field):
    tally, _notes = measured
    recall, precision = rates(tally[group, field])
    least_recall, least_precision = FLOORS[group, field]
    assert recall >= least_recall
    assert precision >= least_precision


def test_a_vendor_without_rules_of_its_own_is_named_as_well_as_before():
    tally, _notes = measure(scorer(), list(recorded_cases()), without_own_rules(load(cached=False)))
    fell = {
        group: rates(tally[group])
        for group, (recall, precision) in LEFT_OUT_FLOORS.items()
        if rates(tally[group])[0] < recall or rates(tally[group])[1] < precision
    }
    assert not fell


def test_nothing_is_claimed_of_texts_that_name_nobody(measured):
    _tally, notes = measured
    assert notes["abstain"] > 0
    assert notes["abstain, claimed"] == 0


def test_no_server_is_called_a_printer_a_camera_or_a_phone(measured):
    _tally, notes = measured
    assert notes["non-office"] > 0
    assert notes["non-office, wrong kind"] == 0
