"""Joining and parting, over generated offices: what was joined comes apart as it was, both histories kept."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.types import Attribute
from tests.inventory.test_identity_properties import OFFICES, histories, opened

WORDS = st.sampled_from(("", "Wang", "Lin"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(OFFICES, st.integers(0, 10_000), st.randoms(use_true_random=False), st.lists(WORDS, max_size=6))
def test_what_was_joined_comes_apart_as_it_was(office, seed, chance, owners):
    with opened() as register:
        register.ingest([sighting for _number, sighting in histories(office, seed, runs=3)])
        ids = [device.id for device in register.devices()]
        for device, owner in zip(ids, owners, strict=False):
            register.edit([device], {Attribute.OWNER: owner}, "lin", custom={"rack": owner})
        before = register.devices()
        logs = {each: register.history(each) for each in ids}
        chosen = chance.sample(ids, min(len(ids), chance.randint(2, 3)))
        if len(chosen) < 2:
            return
        kept = register.join(chosen, "chen").id
        assert {line for each in chosen for line in logs[each]} <= set(register.history(kept))
        for _other in chosen[1:]:
            register.split(kept, "chen")
        assert register.devices() == before
        for each in ids:
            assert set(logs[each]) <= set(register.history(each)), "nothing of a history is lost"


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(OFFICES, st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_an_undone_joining_learns_on_as_if_it_had_never_been(office, seed, chance):
    told = histories(office, seed, runs=3)
    half = len(told) // 2
    with opened() as plain, opened() as joined:
        for register in (plain, joined):
            register.ingest([sighting for _number, sighting in told[:half]])
        ids = [device.id for device in joined.devices()]
        if len(ids) > 1:
            joined.join(chance.sample(ids, 2), "chen")
            joined.undo("chen")
        for register in (plain, joined):
            register.ingest([sighting for _number, sighting in told[half:]])

        def portraits(register):
            return sorted(
                repr((each.attributes, each.services, each.identifiers)) for each in register.devices()
            )

        assert portraits(joined) == portraits(plain)
