"""Whatever a person's file has wrong is said in our words, which the catalogue has, not in pydantic's."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from inventory.refused import told


class Word(StrEnum):
    """Two words."""

    ONE = "one"
    TWO = "two"


class Inner(BaseModel):
    """One key."""

    key: str


class Written(BaseModel):
    """A field of every kind that files of ours have."""

    model_config = ConfigDict(extra="forbid")

    word: Word = Word.ONE
    letter: Literal["a", "b"] = "a"
    number: Annotated[int, Field(ge=1, lt=9)] = 1
    share: Annotated[float, Field(gt=0, le=1)] = 1
    truth: bool = True
    day: date = date(2026, 1, 1)
    name: Annotated[str, Field(pattern="^[a-z]+$", min_length=2, max_length=4)] = "abc"
    names: Annotated[tuple[str, ...], Field(min_length=1)] = ("a",)
    inner: Inner = Inner(key="x")
    pairs: dict[str, str] = {}
    own: str = "fine"

    @field_validator("own")
    @classmethod
    def _own(cls, text: str) -> str:
        if text != "fine":
            raise ValueError("in words of our own")
        return text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"word": "three"}, "should be one of: 'one', 'two'"),
        ({"letter": "c"}, "should be one of: 'a', 'b'"),
        ({"number": "x"}, "should be a whole number"),
        ({"number": 1.5}, "should be a whole number"),
        ({"number": "0"}, "should be at least 1"),
        ({"number": "9"}, "should be less than 9"),
        ({"share": "x"}, "should be a number"),
        ({"share": "0"}, "should be more than 0.0"),
        ({"share": "2"}, "should be at most 1.0"),
        ({"truth": "perhaps"}, "should be true or false"),
        ({"day": "2026-13-01"}, "should be a date like 2026-12-31"),
        ({"name": "ABC"}, "does not match ^[a-z]+$"),
        ({"name": "a"}, "should have at least 2 characters"),
        ({"name": "abcde"}, "should have at most 4 characters"),
        ({"name": 3}, "should be a text"),
        ({"names": "a"}, "should be a list"),
        ({"names": []}, "should have at least 1 entries"),
        ({"inner": "x"}, "should have keys of its own"),
        ({"inner": {}}, "is missing"),
        ({"pairs": "x"}, "should have keys of its own"),
        ({"colour": "x"}, "is no key that is known here"),
        ({"own": "x"}, "in words of our own"),
    ],
)
def test_each_kind_of_mistake_has_words_of_ours(wrong, said):
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Written).validate_python(wrong)
    (problem,) = refused.value.errors(include_url=False)
    assert told(problem) == said
