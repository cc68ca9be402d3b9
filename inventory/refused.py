"""What a typed model refuses of a person's file, in his language."""

from collections.abc import Mapping
from typing import Any

from inventory.language import N_, _

_NUMBER, _LIST = N_("should be a whole number"), N_("should be a list")
_MAPPING, _DAY = N_("should have keys of its own"), N_("should be a date like 2026-12-31")
_CHOICE, _TRUTH = N_("should be one of: {expected}"), N_("should be true or false")

_TOLD: Mapping[str, str] = {
    "missing": N_("is missing"),
    "extra_forbidden": N_("is no key that is known here"),
    "literal_error": _CHOICE,
    "enum": _CHOICE,
    "string_type": N_("should be a text"),
    "string_pattern_mismatch": N_("does not match {pattern}"),
    "string_too_short": N_("should have at least {min_length} characters"),
    "string_too_long": N_("should have at most {max_length} characters"),
    "too_short": N_("should have at least {min_length} entries"),
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_from_float": _NUMBER,
    "float_type": N_("should be a number"),
    "float_parsing": N_("should be a number"),
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "greater_than": N_("should be more than {gt}"),
    "greater_than_equal": N_("should be at least {ge}"),
    "less_than": N_("should be less than {lt}"),
    "less_than_equal": N_("should be at most {le}"),
    "list_type": _LIST,
    "tuple_type": _LIST,
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
}
"""Pydantic's kinds of errors that files of ours can meet, and what is said of each."""


def told(problem: Mapping[str, Any]) -> str:
    """One of pydantic's errors (with its context) in words; its own where the kind is not met here yet."""
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"])
    template = _TOLD.get(problem["type"])
    if template is None:
        return str(problem["msg"])
    context = dict(problem.get("ctx", {}))
    if "expected" in context:  # pydantic joins the last two with an English "or"
        context["expected"] = ", ".join(context["expected"].replace(" or ", ", ").split(", "))
    return _(template).format(**context)
