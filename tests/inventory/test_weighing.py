"""Claims against claims: agreement strengthens, kinship counts, order does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.types import Attribute, Claim
from inventory.weighing import confidence, weigh


def claim(attribute, value, certainty, fingerprint="x", source="snmp", service=None):  # noqa: PLR0917
    return Claim(attribute, value, certainty, fingerprint, source, service)


def test_two_witnesses_outweigh_one_louder_one():
    ranked = weigh(
        [
            claim(Attribute.SERIAL, "A", 0.7, "p", "http"),
            claim(Attribute.SERIAL, "A", 0.7, "q", "ipp"),
            claim(Attribute.SERIAL, "B", 0.8, "r", "snmp"),
        ]
    )[Attribute.SERIAL]
    assert [one.value for one in ranked] == ["A", "A", "B"]
    assert confidence(ranked) == pytest.approx(0.91)


def test_the_same_witness_speaking_twice_is_one_witness():
    ranked = weigh([claim(Attribute.SERIAL, "A", 0.6, "p"), claim(Attribute.SERIAL, "a", 0.6, "q")])[
        Attribute.SERIAL
    ]
    assert confidence(ranked) == pytest.approx(0.6)


def test_relatives_strengthen_each_other():
    ranked = weigh(
        [
            claim(Attribute.VENDOR, "HP", 0.6, "p", "http"),
            claim(Attribute.VENDOR, "HPE", 0.6, "q", "ssh"),
            claim(Attribute.VENDOR, "Cisco", 0.7, "r", "snmp"),
        ]
    )[Attribute.VENDOR]
    assert ranked[0].value in {"HP", "HPE"}


def test_a_model_counts_only_beside_a_vendor_that_fits():
    claims = [
        claim(Attribute.VENDOR, "Cisco", 0.9, "p", "snmp"),
        claim(Attribute.VENDOR, "Linksys", 0.5, "kin", "http"),
        claim(Attribute.MODEL, "WRT54", 0.5, "kin", "http"),
        claim(Attribute.VENDOR, "Canon", 0.6, "q", "telnet"),
        claim(Attribute.MODEL, "iR3000", 0.8, "q", "telnet"),
        claim(Attribute.MODEL, "plain", 0.3, "general", "snmp"),
    ]
    assert [one.value for one in weigh(claims)[Attribute.MODEL]] == ["WRT54", "plain", "iR3000"]


def test_the_model_of_a_vendor_that_lost_is_no_model():
    claims = [
        claim(Attribute.VENDOR, "Cisco", 0.9, "p", "snmp"),
        claim(Attribute.VENDOR, "Canon", 0.6, "q", "telnet"),
        claim(Attribute.MODEL, "iR3000", 0.8, "q", "telnet"),
    ]
    assert Attribute.MODEL not in weigh(claims)


def test_one_who_is_sure_of_the_narrower_kind_outweighs_many_who_say_the_wider():
    many = [
        claim(Attribute.DEVICE_CLASS, "printer", 0.92, f"p{n}", source)
        for n, source in enumerate(("snmp", "http"))
    ]
    sure = claim(Attribute.DEVICE_CLASS, "fax", 0.9, "naming.fax")
    assert weigh([*many, sure])[Attribute.DEVICE_CLASS][0].value == "fax"
    unsure = claim(Attribute.DEVICE_CLASS, "fax", 0.5, "text.fax")
    assert weigh([*many, unsure])[Attribute.DEVICE_CLASS][0].value == "printer"
    other = claim(Attribute.DEVICE_CLASS, "nas", 0.9, "x")
    assert weigh([*many, other])[Attribute.DEVICE_CLASS][0].value == "printer"


def test_nothing_in_nothing_out():
    assert weigh([]) == {}


CLAIMS = st.lists(
    st.builds(
        claim,
        st.sampled_from([Attribute.VENDOR, Attribute.MODEL, Attribute.SERIAL]),
        st.sampled_from(["HP", "HPE", "Cisco", "X1"]),
        st.sampled_from([0.2, 0.5, 0.9]),
        st.sampled_from("pqr"),
        st.sampled_from(["snmp", "http"]),
        st.sampled_from([None, "tcp/80"]),
    ),
    max_size=8,
)


@given(CLAIMS, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_nothing_is_lost(claims, random):
    shuffled = list(claims)
    random.shuffle(shuffled)
    weighed = weigh(claims)
    assert weighed == weigh(shuffled)
    kept = {one for ranked in weighed.values() for one in ranked}
    assert kept == {one for one in claims if one.attribute in weighed}
    assert {one.attribute for one in claims} - set(weighed) <= {Attribute.MODEL}
    assert all(0 < confidence(ranked) <= 1 for ranked in weighed.values())
