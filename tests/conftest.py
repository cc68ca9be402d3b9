"""Every suite: property tests draw the same examples on every run; `make fuzz` is where inputs roam."""

from hypothesis import settings

settings.register_profile("required", derandomize=True, deadline=None)
settings.load_profile("required")
