"""`make fuzz`: mutated replies by the million over every parser; prints each trouble with its bytes.

python tests/agent/fuzz.py [--each 1000000] [--seed N] [--only NAMES]   (a pattern: "login-.*")
"""

import argparse
import re
import sys
import time

from mutations import damaged
from parsers import PARSERS, Parser

FUZZ_SEED = 4
SLOW_SECONDS = 0.1
_TIMES = 3


def troubles(parser: Parser, seed: int, count: int) -> list[str]:
    """What went wrong in `count` mutations: an exception, or more than 100 ms of processor time."""
    found = []
    for data in damaged(parser.data, seed, count):
        started = time.thread_time()
        try:
            list(parser.facts(data))
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            found.append(f"{parser.name}: {type(error).__name__}: {error} for {data.hex()}")
        if time.thread_time() - started > SLOW_SECONDS and _fastest(parser, data) > SLOW_SECONDS:
            found.append(f"{parser.name}: longer than {SLOW_SECONDS} s for {data.hex()}")
    return found


def _fastest(parser: Parser, data: bytes) -> float:
    """Processor seconds of the quickest of three: the bytes are slow, not the moment."""
    spent = []
    for _time in range(_TIMES):
        started = time.thread_time()
        list(parser.facts(data))
        spent.append(time.thread_time() - started)
    return min(spent)


def main() -> int:
    """The number of parsers in trouble, at most 1, as the exit code."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--each", type=int, default=1_000_000)
    asked.add_argument("--seed", type=int, default=int(time.time()))
    asked.add_argument("--only", default="")
    chosen = asked.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    wrong = 0
    for parser in PARSERS:
        if chosen.only and not re.fullmatch(chosen.only, parser.name):
            continue
        started = time.monotonic()
        found = troubles(parser, chosen.seed, chosen.each)
        took = time.monotonic() - started
        wrong += len(found)
        print(
            f"{parser.name}: {chosen.each} mutated replies, {len(found)} troubles, {took:.0f} s", flush=True
        )
        print(*found[:5], sep="\n", end="\n" if found else "")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
