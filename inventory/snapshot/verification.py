"""Is a snapshot still what was signed? Names every changed, missing or added file and every broken seal."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from inventory.language import N_, _
from inventory.snapshot.faults import Unreadable
from inventory.snapshot.folder import digest_at, snapshots_in, summary_at
from inventory.snapshot.manifest import (
    BESIDE_THE_MANIFEST,
    MANIFEST,
    PUBLIC_KEY,
    SIGNATURE,
    digest_of,
    read_manifest,
)
from inventory.snapshot.nameless import is_copy_of
from inventory.snapshot.pressing import SNAPSHOT, SUMMARY
from inventory.snapshot.signing import fingerprint, is_public_key, is_signed
from inventory.snapshot.summary import Summary
from inventory.snapshot.value import PreviousSnapshot


class Tampering(StrEnum):
    """What may be wrong with a snapshot's folder."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    BAD_SIGNATURE = "bad-signature"
    OTHER_SIGNER = "other-signer"
    BROKEN_CHAIN = "broken-chain"
    OTHER_ORIGINAL = "other-original"


MEANINGS = {
    Tampering.CHANGED: N_("is not what was signed"),
    Tampering.MISSING: N_("is missing"),
    Tampering.ADDED: N_("was added"),
    Tampering.BAD_SIGNATURE: N_("does not carry a good signature"),
    Tampering.OTHER_SIGNER: N_("was signed by another key than the trusted one"),
    Tampering.BROKEN_CHAIN: N_("names another predecessor than the snapshot found in its place"),
    Tampering.OTHER_ORIGINAL: N_("is not the original without its personal names"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it was frozen."""

    kind: Tampering
    name: str

    def __str__(self) -> str:
        return f"{self.name} {_(MEANINGS[self.kind])}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What a look at the folder found.

    `files` counts what the manifest lists. `signer` is the fingerprint of the key beside it, "" where that is
    no key; without a trusted key to compare, a person must. `previous` is what the snapshot names as its
    predecessor; `chain_checked` says whether that folder was at hand.
    """

    problems: tuple[Problem, ...]
    files: int
    digest: str
    signer: str
    previous: PreviousSnapshot | None
    chain_checked: bool
    redacts: PreviousSnapshot | None = None


def verify(place: Path, trusted: bytes | None = None, original: Path | None = None) -> Verification:
    """Looks at every file of the snapshot at `place`; Unreadable where the folder is none at all.

    `trusted` is the public key (PEM) it must be signed with. The predecessor is looked for beside `place`, by
    its digest and by its label; where neither is there the chain is not judged. With `original`, it must be
    that snapshot's copy without personal names.
    """
    if not place.is_dir() or not ((place / MANIFEST).is_file() or (place / SNAPSHOT).is_file()):
        raise Unreadable(_("{place}: not a snapshot").format(place=place))
    listed = read_manifest(_content(place / MANIFEST))
    problems = [*_manifest_problems(place, listed), *_seal_problems(place, trusted)]
    if listed is not None:
        problems += _file_problems(place, listed)
    if original is not None and not is_copy_of(place, original):
        problems.append(Problem(Tampering.OTHER_ORIGINAL, SNAPSHOT))
    told = _summary(place)
    previous = told.previous if told else None
    intact = _chain_intact(place, previous)
    if intact is False:
        problems.append(Problem(Tampering.BROKEN_CHAIN, SUMMARY))
    public_pem = _content(place / PUBLIC_KEY)
    return Verification(
        problems=tuple(dict.fromkeys(problems)),
        files=len(listed or ()),
        digest=digest_at(place) if (place / MANIFEST).is_file() else "",
        signer=fingerprint(public_pem) if is_public_key(public_pem) else "",
        previous=previous,
        chain_checked=intact is not None,
        redacts=told.redacts if told else None,
    )


def _manifest_problems(place: Path, listed: dict[str, str] | None) -> Iterator[Problem]:
    for name in sorted(BESIDE_THE_MANIFEST):
        if not _is_plain_file(place / name):
            yield Problem(Tampering.MISSING, name)
    if _is_plain_file(place / MANIFEST) and (listed is None or SNAPSHOT not in listed):
        yield Problem(Tampering.CHANGED, MANIFEST)


def _seal_problems(place: Path, trusted: bytes | None) -> Iterator[Problem]:
    if not all(_is_plain_file(place / name) for name in BESIDE_THE_MANIFEST):
        return
    public_pem = _content(place / PUBLIC_KEY)
    if not is_public_key(public_pem):
        yield Problem(Tampering.CHANGED, PUBLIC_KEY)
    elif not is_signed(_content(place / MANIFEST), _content(place / SIGNATURE), public_pem):
        yield Problem(Tampering.BAD_SIGNATURE, MANIFEST)
    if trusted is not None and trusted != public_pem:
        yield Problem(Tampering.OTHER_SIGNER, MANIFEST)


def _file_problems(place: Path, listed: dict[str, str]) -> Iterator[Problem]:
    for name, digest in listed.items():
        if not _is_plain_file(place / name):
            yield Problem(Tampering.MISSING, name)
        elif digest_of(place / name) != digest:
            yield Problem(Tampering.CHANGED, name)
    expected = listed.keys() | BESIDE_THE_MANIFEST
    for file in sorted(place.iterdir()):
        if file.name not in expected:
            yield Problem(Tampering.ADDED, file.name)


def _chain_intact(place: Path, previous: PreviousSnapshot | None) -> bool | None:
    """Whether the predecessor beside `place` is the one named; None where none is at hand."""
    if previous is None:
        return None
    siblings = [folder for folder in snapshots_in(place.resolve().parent) if folder != place.resolve()]
    if any(digest_at(folder) == previous.digest for folder in siblings):
        return True
    return False if any(folder.name == previous.label for folder in siblings) else None


def _summary(place: Path) -> Summary | None:
    """What the snapshot says of itself; None where that is damaged (a problem of its own)."""
    try:
        return summary_at(place)
    except Unreadable:
        return None


def _is_plain_file(file: Path) -> bool:
    return file.is_file() and not file.is_symlink()


def _content(file: Path) -> bytes:
    return file.read_bytes() if _is_plain_file(file) else b""
