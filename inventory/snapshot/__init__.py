"""The register frozen for the auditor: built, written, signed, verified, loaded and compared.

MusterError
└── SnapshotFault
    ├── NotReady        2  nothing to freeze yet, or a date that contradicts the register
    ├── Unreadable      3  a folder that is no snapshot, or one of a form this version does not know
    └── Unwritable      5  the folder is taken, or the disk is full or read-only
"""

from inventory.snapshot.faults import NotReady, SnapshotFault, Unreadable, Unwritable
from inventory.snapshot.value import CoverageRecord, PreviousSnapshot, Snapshot

__all__ = [
    "CoverageRecord",
    "NotReady",
    "PreviousSnapshot",
    "Snapshot",
    "SnapshotFault",
    "Unreadable",
    "Unwritable",
]
