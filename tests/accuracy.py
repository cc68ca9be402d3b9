"""`make accuracy`: how well the fingerprints name the recorded corpus, written to docs/accuracy.md.

Two figures stand side by side. "As shipped" is measured on the cases the rules were written from, and
flatters them. "Left out" is measured again for each vendor with every rule, MIB reading and sysObjectID row
taken away that names the vendor or a relative, or has examples of it alone: what is left is what a protocol,
a MIB or the habit of writing "maker model version" gives for a vendor nobody has looked at. A device family
never seen before will land between the two.
"""

import importlib.util
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from agent.cli.identify import answer, read_line
from agent.fingerprints import Fingerprinter
from agent.fingerprints.loading import Knowledge, load
from agent.fingerprints.rules import Rule
from inventory.types import Attribute
from inventory.vendors import canonical, kin

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"
REPORT = ROOT / "docs" / "accuracy.md"
FILES = ("snmp", "banners", "brother", "ipp", "snmpinfo", "snmp_simdata")
TITLES = {"brother": "Brother", "ipp": "IPP", "snmpinfo": "SNMP, more", "snmp_simdata": "SNMP, walks"}
LIVE = re.compile(r"^## Live\n.*\Z", re.MULTILINE | re.DOTALL)  # written by tests/live_accuracy.py
LEFT_OUT_OF_BANNERS = frozenset({"favicons", "tls_jarm"})
FIELDS = ("vendor", "model", "version", "serial", "category")

Case = dict[str, Any]
Tally = dict[tuple[str, str], Counter[str]]


def main() -> int:
    """Measures, writes the report and prints its first table; 0, or 6 where the corpus is not there."""
    if not (CORPUS / "score.py").exists():
        print("make accuracy: the recorded corpus is not beside this checkout", file=sys.stderr)
        return 6
    score = scorer()
    knowledge = load(cached=False)
    cases = list(recorded_cases())
    engine = Fingerprinter(knowledge)
    shipped, notes = measure(score, cases, lambda _case: engine)
    left_out, _notes = measure(score, cases, without_own_rules(knowledge))
    text = _report(shipped, left_out, notes, len(cases))
    live = LIVE.search(REPORT.read_text(encoding="utf-8")) if REPORT.exists() else None
    REPORT.write_text(f"{text}\n{live[0]}" if live else text, encoding="utf-8")
    print(text.split("\n## ")[1])
    return 0


def scorer() -> ModuleType:
    """The corpus's own scorer; SystemExit where it cannot be loaded."""
    spec = importlib.util.spec_from_file_location("corpus_score", CORPUS / "score.py")
    if spec is None or spec.loader is None:
        raise SystemExit("make accuracy: the corpus has no scorer")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recorded_cases() -> Iterator[Case]:
    """Every case that says what it expects, with its folder and the line it was read from."""
    for folder in FILES:
        with (CORPUS / folder / "cases.jsonl").open("rb") as lines:
            for line in lines:
                case: Case = json.loads(line)
                if case.get("source") not in LEFT_OUT_OF_BANNERS:
                    yield {**case, "folder": folder, "line": line}


def measure(
    score: ModuleType, cases: list[Case], engine_for: Callable[[Case], Fingerprinter]
) -> tuple[Tally, Counter[str]]:
    """Hits, wrong and missing answers by group and field, and counts of texts that must stay unnamed."""
    tally: Tally = defaultdict(Counter)
    notes: Counter[str] = Counter()
    for case in cases:
        identity, facts, source = read_line(case["line"])
        told = answer(engine_for(case), identity, facts, source)
        device_class = told["device_class"]
        guess = {**told, "category": score.CATEGORY.get(device_class, device_class)}
        if case.get("expectation") == "abstain":
            notes["abstain"] += 1
            notes["abstain, claimed"] += any(guess[field] for field in ("vendor", "model", "category"))
            continue
        if case["folder"] == "snmp" and not case["office"]:
            notes["non-office"] += 1
            notes["non-office, wrong kind"] += guess["category"] in {"printer", "camera_nvr", "voip_pbx"}
        for field, expected in score.exp_fields(case).items():
            if field in FIELDS and expected:
                outcome = _outcome(score, field, guess[field], expected, case)
                for group in _groups(case):
                    tally[group, field][outcome] += 1
    return tally, notes


def without_own_rules(knowledge: Knowledge) -> Callable[[Case], Fingerprinter]:
    """For each case the fingerprints without those that speak of its vendor: nobody has looked at it."""
    engines: dict[str, Fingerprinter] = {}

    def engine_for(case: Case) -> Fingerprinter:
        vendor = _expected_vendor(case)
        if vendor not in engines:
            engines[vendor] = Fingerprinter(_without(knowledge, vendor))
        return engines[vendor]

    return engine_for


def rates(tally: Counter[str]) -> tuple[float, float]:
    """Recall and precision (1.0 where nothing was claimed)."""
    given = tally["hit"] + tally["wrong"]
    return tally["hit"] / sum(tally.values()), tally["hit"] / given if given else 1.0


def _outcome(score: ModuleType, field: str, said: Any, expected: Any, case: Case) -> str:
    if not said:
        return "none"
    right = {
        "vendor": lambda: score.vendor_ok(said, expected),
        "model": lambda: score.model_ok(said, expected, case["expected"].get("vendor")),
        "version": lambda: score.ver_ok(said, expected),
        "serial": lambda: score.k(said) == score.k(expected),
        "category": lambda: said == expected,
    }[field]()
    return "hit" if right else "wrong"


def _groups(case: Case) -> Iterator[str]:
    folder = case["folder"]
    if folder == "snmp":
        yield "SNMP, office" if case["office"] else "SNMP, not office"
        if case["office"]:
            yield f"SNMP: {case['category']}"
    elif folder == "banners":
        yield "Banners"
        yield f"banner: {case['source']}"
    else:
        yield TITLES[folder]


def _expected_vendor(case: Case) -> str:
    said = case["expected"].get("vendor")
    return canonical(said) if said else ""


def _without(knowledge: Knowledge, vendor: str) -> Knowledge:
    def speaks_of(said: str | None) -> bool:
        return bool(vendor and said and "{" not in said and kin(said, vendor))

    def is_its_own(rule: Rule) -> bool:
        shown = [example.gives["vendor"] for example in rule.examples if "vendor" in example.gives]
        return speaks_of(rule.gives.get(Attribute.VENDOR)) or bool(shown and all(map(speaks_of, shown)))

    rules = tuple(rule for rule in knowledge.rules if not is_its_own(rule))
    objects = {
        oid: row for oid, row in knowledge.objects.items() if not speaks_of(row[0].get(Attribute.VENDOR))
    }
    return Knowledge(rules, objects)


def _report(shipped: Tally, left_out: Tally, notes: Counter[str], count: int) -> str:
    groups = sorted({group for group, _field in shipped}, key=lambda name: (name[:1].islower(), name))
    first = [group for group in groups if ":" not in group]
    lines = [
        "# How well devices are named",
        "",
        f"Written by `make accuracy` from {count} recorded cases, which are not part of this repository.",
        "Recall is the share of expected answers given, precision that of given answers that were right;",
        "silence costs recall, a wrong claim costs both. Favicons and TLS handshake hashes are left out.",
        "",
        *__doc__.strip().splitlines()[2:],
        "",
        "## Figures",
        "",
        *_table(first, shipped, left_out),
        "",
        f"- Texts that name nobody: {notes['abstain']}; claims made about them: {notes['abstain, claimed']}.",
        f"- SNMP agents that are no office device: {notes['non-office']}.",
        f"- Of these called a printer, camera or phone: {notes['non-office, wrong kind']}.",
        "",
        "## By kind of device and kind of banner",
        "",
        *_table([group for group in groups if ":" in group], shipped, left_out),
        "",
    ]
    return "\n".join(lines)


def _table(groups: list[str], shipped: Tally, left_out: Tally) -> Iterator[str]:
    yield "| cases | field | n | recall | precision | recall, left out | precision, left out |"
    yield "|---|---|---:|---:|---:|---:|---:|"
    for group in groups:
        for field in FIELDS:
            ours, theirs = shipped.get((group, field)), left_out.get((group, field))
            if ours and theirs:
                figures = " | ".join(f"{figure:.3f}" for figure in (*rates(ours), *rates(theirs)))
                yield f"| {group} | {field} | {sum(ours.values())} | {figures} |"


if __name__ == "__main__":
    sys.exit(main())
