"""Every suite: property tests draw the same examples on every run; `make fuzz` is where they roam."""

from hypothesis import settings

settings.register_profile("required", derandomize=True, deadline=None)
settings.register_profile("fuzz", max_examples=200_000, deadline=None)
settings.load_profile("required")
