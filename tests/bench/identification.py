"""How many recorded lines a second `muster identify` names on one core; wanted are 2,000.

The lines are the examples of the packaged fingerprints, each text as often as the run needs. Time is the
processor time of this process, so that neighbours on the machine do not count.
"""

import json
import time

from agent.cli.identify import answer, read_line
from agent.fingerprints import Fingerprinter
from agent.fingerprints.loading import load

Row = tuple[str, float, float, float, str]
_WANTED = 2000.0
_LINES = 3000
_ROUNDS = 3


def bench() -> list[Row]:
    """One row: the best of three runs over the same lines, against what is wanted."""
    knowledge = load(cached=False)
    texts = [
        (rule.sources[0], example.text)
        for rule in knowledge.rules
        if not rule.sources[0][0].isdecimal()
        for example in rule.examples
    ]
    lines = [
        json.dumps(
            {"id": number, "source": texts[number % len(texts)][0], "input": texts[number % len(texts)][1]}
        )
        for number in range(_LINES)
    ]
    engine = Fingerprinter(knowledge)
    rate = max(_rate(engine, [line.encode() for line in lines]) for _round in range(_ROUNDS))
    return [("identify, one core (peer: what is wanted)", rate, _WANTED, rate / _WANTED, "lines/s")]


def _rate(engine: Fingerprinter, lines: list[bytes]) -> float:
    started = time.process_time()
    for line in lines:
        json.dumps(answer(engine, *read_line(line)), ensure_ascii=False)
    return len(lines) / (time.process_time() - started)
