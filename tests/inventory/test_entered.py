"""What a person types, as the register keeps it."""

import pytest

from inventory.entered import checked
from inventory.types import Attribute


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("112/3/5", "2023-03-05"),
        ("民國 112 年 3 月 5 日", "2023-03-05"),
        ("2023.03.05", "2023-03-05"),
        ("２０２３/３/５", "2023-03-05"),
        ("2023-03-05", "2023-03-05"),
        ("2023/13/5", "2023/13/5"),
        ("about 2019", "about 2019"),
        ("3/5/12", "3/5/12"),
        ("", ""),
    ],
)
def test_a_day_has_one_spelling_and_what_is_none_stays(typed, kept):
    assert checked(Attribute.PURCHASE_DATE, typed) == kept
    assert checked(Attribute.PURCHASE_DATE, kept) == kept


@pytest.mark.parametrize(
    ("typed", "kept"), [("hq/3F /copy  room", "hq / 3F / copy room"), ("3F east", "3F east"), ("/hq/", "hq")]
)
def test_a_place_has_one_spelling(typed, kept):
    assert checked(Attribute.LOCATION, typed) == kept
    assert checked(Attribute.LOCATION, kept) == kept
