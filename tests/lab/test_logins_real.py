"""Logins on real daemons (dropbear, vsftpd, telnetd, lighttpd): each password has one line in their books."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "real_logins_in_a_namespace.py"
ROOT = SCRIPT.parent.parent.parent
PROGRAMS = ("unshare", "mount", "dropbear", "dropbearkey", "vsftpd", "telnetd", "lighttpd", "openssl")
MISSING = [name for name in PROGRAMS if not shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")]


@pytest.mark.slow
@pytest.mark.lab
@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may hide the system's shadow")
def test_each_password_stands_once_in_the_books_of_real_daemons() -> None:
    done = subprocess.run(
        ["unshare", "-nm", "--fork", "--pid", "--kill-child", "--mount-proc", sys.executable, str(SCRIPT)],
        capture_output=True, text=True, timeout=120, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert set(said["told"]) == {"ssh", "ftp", "telnet", "basic", "digest"}
    for name, outcomes in said["told"].items():
        assert (outcomes, said["counted"][name]) == (["accepted", "refused"], [1, 1]), name
