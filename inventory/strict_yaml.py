"""The one YAML reader: every scalar is text until a typed model reads it, and every error names file:line.

`0000`, `17.10` and `no` mean what they look like. Duplicate keys are refused here, unknown keys by the model
(pydantic with `extra="forbid"`).
"""

from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from inventory.exits import BadInput
from inventory.language import _
from inventory.refused import told

Shape = TypeVar("Shape")
Place = tuple[int | str, ...]

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read(path: Path | Traversable, shape: TypeAdapter[Shape]) -> Shape:
    """The file's content as `shape`; BadInput with `file:line` for whatever is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = _("{place} cannot be read: {reason}")
        raise BadInput(reason.format(place=path, reason=error.strerror)) from error
    except UnicodeDecodeError as error:
        reason = _("{place}: is not UTF-8 (byte {byte})")
        raise BadInput(reason.format(place=path, byte=error.start)) from error
    return parse(text, shape, name=str(path))


def parse(text: str, shape: TypeAdapter[Shape], *, name: str) -> Shape:
    """`text` as `shape`; `name` stands for the file in errors."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        reason = _("{place}: is no YAML: {reason}")
        raise BadInput(reason.format(place=f"{name}:{line}", reason=error.problem or error)) from error
    except yaml.YAMLError as error:
        reason = _("{place}: is no YAML: {reason}")
        raise BadInput(reason.format(place=f"{name}:1", reason=error)) from error
    if node is None:
        raise BadInput(_("{place}: the file is empty").format(place=f"{name}:1"))
    plain = _plain(node, name)
    try:
        return shape.validate_python(plain)
    except ValidationError as error:
        lines = [
            f"{name}:{_line(node, problem['loc'])}: {_dotted(problem['loc'])}: {told(problem)}"
            for problem in _causes(error)
        ]
        raise BadInput("\n".join(lines)) from error


def _causes(error: ValidationError) -> list[ErrorDetails]:
    """The faults; not that a list is too short where what is wrong within it left it so."""
    problems = error.errors(include_url=False)
    places = [problem["loc"] for problem in problems]

    def follows(problem: ErrorDetails) -> bool:
        own = problem["loc"]
        within = any(len(place) > len(own) and place[: len(own)] == own for place in places)
        return problem["type"] == "too_short" and within

    return [problem for problem in problems if not follows(problem)]


def _plain(node: yaml.Node, name: str) -> Any:  # noqa: ANN401 - the shape is not known yet
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, name) for item in node.value]
    mapping: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise BadInput(_("{place}: a key must be a plain word").format(place=f"{name}:{line}"))
        if key.value in mapping:
            reason = _("{place}: the key {key!r} stands here twice")
            raise BadInput(reason.format(place=f"{name}:{line}", key=key.value))
        mapping[key.value] = _plain(value, name)
    return mapping


def _line(node: yaml.Node, place: Place) -> int:
    """The line (from 1) of the deepest node that `place` leads to."""
    deepest = node
    for step in place:
        following = next(_children(deepest, step), None)
        if following is None:
            break
        deepest = following
    return int(deepest.start_mark.line) + 1


def _children(node: yaml.Node, step: int | str) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        yield from node.value[step : step + 1]
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                yield value if isinstance(value, yaml.ScalarNode) is False else key


def _dotted(place: Place) -> str:
    return ".".join(str(step) for step in place) or "file"
