"""WHAT THE RULES SAY: articles and rules as data, pure judgement. Imports inventory's types only.

The way through this room::

    facts.py          what may be asked of a dossier: named, typed facts (inventory/data/facts.yaml)
    derivations.py    how each follows from the dossier; duties.py for what only people can answer
    scope_of_law.py   Art. 21: in, out or undetermined, and why
    conditions.py     the closed set of operators, compiled to three-valued tests
    rule.py  rules/   one rule: when it is kept, when it is broken, what to say, what to do, three examples
    pack.py  packs/   the articles of one edition of one regulation, and the rules each is judged by
    judge.py          dossier + pack + date → verdicts
    findings.py       previous findings + verdicts + date → findings
    posture.py        verdicts → how many devices stand where, article by article
    explain.py        the same verdict taken apart, fact by fact

Errors: a wrong pack or rule is `inventory.exits.BadInput` with file and line; an unknown pack or article
named by the user is `inventory.exits.UsageFault`. This room has no exceptions of its own.
"""
