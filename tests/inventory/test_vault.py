"""The vault keeps credentials where no file shows them, and says plainly when it cannot be opened."""

import json
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from inventory.exits import BadInput, StoreFault
from inventory.private_file import alone_in
from inventory.sealing import VaultSealed
from inventory.secret import Secret
from inventory.settings import Settings, load
from inventory.vault import COMMUNITY, KEYRING, V3_USER, Entry, Vault, scan_settings
from muster import cli

MARKER = "m4rker-c0mmunity"


def vault(path: Path, passphrase: str | None = "long enough") -> Vault:
    return Vault(str(path), lambda: passphrase)


def test_what_is_put_in_comes_out_and_the_file_shows_none_of_it(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "vault.json"
    vault(file).put(Entry("core", COMMUNITY, Secret(MARKER)))
    vault(file).put(
        Entry("v3", V3_USER, Secret("auth-m4rker"), "monitor", "sha256", "aes", Secret("priv-m4rker"))
    )
    entries = vault(file).entries()
    assert entries["core"].secret.reveal() == MARKER
    assert (entries["v3"].user, entries["v3"].privacy_secret.reveal()) == ("monitor", "priv-m4rker")
    data = file.read_bytes()
    for hidden in (MARKER, "core", "monitor", "m4rker"):
        assert hidden.encode() not in data
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["vault.json"]
    assert MARKER not in repr(entries)


class Ring(ModuleType):
    """The keyring library with one backend: what Vault asks of it, by its documented names."""

    def __init__(self, priority: float) -> None:
        super().__init__("keyring")
        self.kept: dict[tuple[str, str], str] = {}
        self.priority = priority

    def get_keyring(self) -> "Ring":
        return self

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, password: str) -> None:
        self.kept[service, name] = password


def test_a_keyring_keeps_what_is_put_in_and_needs_no_passphrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_names, **_more: str(tmp_path))
    ring = Ring(5)
    monkeypatch.setitem(sys.modules, "keyring", ring)
    kept = Vault(KEYRING, lambda: None)
    assert not kept.exists()
    kept.put(Entry("core", COMMUNITY, Secret(MARKER)))
    assert Vault(KEYRING, lambda: None).entries()["core"].secret.reveal() == MARKER
    assert scan_settings(Settings(vault=KEYRING), lambda: None).snmp_communities[-1] == MARKER
    assert kept.remove("core")
    assert kept.entries() == {}
    assert {service for service, _name in ring.kept} == {"muster"}


def test_a_keyring_that_writes_a_plain_file_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", Ring(0.5))  # as keyrings.alt's PlaintextKeyring has it
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_names, **_more: str(tmp_path))
    assert Vault.of(Settings(), lambda: None).place == str(tmp_path / "vault.json")
    with pytest.raises(VaultSealed, match="keyring"):
        Vault(KEYRING, lambda: None).put(Entry("core", COMMUNITY, Secret(MARKER)))


def test_removing_takes_it_out_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "vault.json"
    vault(file).put(Entry("core", COMMUNITY, Secret(MARKER)))
    assert vault(file).remove("core")
    assert not vault(file).remove("core")
    assert vault(file).entries() == {}


@pytest.mark.parametrize("passphrase", ["wrong", None, ""])
def test_without_the_passphrase_it_stays_shut(tmp_path: Path, passphrase: str | None) -> None:
    file = tmp_path / "vault.json"
    vault(file).put(Entry("core", COMMUNITY, Secret(MARKER)))
    with pytest.raises(VaultSealed) as refused:
        vault(file, passphrase).entries()
    assert "\n" not in str(refused.value)


def test_a_file_somebody_changed_does_not_open(tmp_path: Path) -> None:
    file = tmp_path / "vault.json"
    vault(file).put(Entry("core", COMMUNITY, Secret(MARKER)))
    written = json.loads(file.read_text())
    file.write_text(json.dumps({**written, "n": written["n"] * 2}))
    with pytest.raises(VaultSealed):
        vault(file).entries()


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"vault": 1, "sealed": "??"}', '{"sealed": 7}'])
def test_a_file_that_is_no_vault_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "vault.json"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(BadInput, match="no vault"):
        vault(file).entries()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_file_that_others_may_use_is_not_believed(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "vault.json"
    vault(file).put(Entry("core", COMMUNITY, Secret(MARKER)))
    file.chmod(mode)
    for use in (vault(file).entries, lambda: vault(file).remove("core")):
        with pytest.raises(BadInput, match="chmod 600") as refused:
            use()
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("size", [0, 1, 100, 300])
def test_a_file_that_was_cut_short_is_named_and_left_as_it_is(tmp_path: Path, size: int) -> None:
    file = tmp_path / "vault.json"
    vault(file).put(Entry("core", COMMUNITY, Secret(MARKER)))
    os.truncate(file, size)
    with pytest.raises(BadInput, match="no vault"):
        vault(file).put(Entry("other", COMMUNITY, Secret(MARKER)))
    assert file.stat().st_size == size


def test_a_folder_in_its_place_is_no_empty_vault(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        vault(tmp_path).entries()
    with pytest.raises(BadInput, match="cannot be read"):
        scan_settings(Settings(vault=str(tmp_path)), lambda: "long enough")


def test_a_link_leads_to_the_file_that_is_changed(tmp_path: Path) -> None:
    file, link = tmp_path / "vault.json", tmp_path / "link.json"
    vault(file).put(Entry("core", COMMUNITY, Secret(MARKER)))
    link.symlink_to(file)
    vault(link).put(Entry("other", COMMUNITY, Secret(MARKER)))
    assert link.is_symlink()
    assert set(vault(file).entries()) == {"core", "other"}


def test_of_two_who_change_it_at_once_neither_loses_an_entry(tmp_path: Path) -> None:
    file = tmp_path / "vault.json"

    def add(number: int) -> None:
        vault(file).put(Entry(f"n{number}", COMMUNITY, Secret(MARKER)))

    with ThreadPoolExecutor(3) as several:
        list(several.map(add, range(3)))
    assert set(vault(file).entries()) == {"n0", "n1", "n2"}
    assert [path.name for path in tmp_path.iterdir()] == ["vault.json"]


def test_whoever_does_not_end_his_turn_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.private_file._LONGEST_WAIT", 0)
    with alone_in(tmp_path), pytest.raises(StoreFault, match="somebody else"):
        vault(tmp_path / "vault.json").put(Entry("core", COMMUNITY, Secret(MARKER)))


def test_a_passphrase_is_asked_for_once(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask() -> str:
        asked.append("once")
        return "long enough"

    vault(tmp_path / "vault.json").put(Entry("core", COMMUNITY, Secret(MARKER)))
    Vault(str(tmp_path / "vault.json"), ask).put(Entry("other", COMMUNITY, Secret(MARKER)))
    assert asked == ["once"]


def test_a_scan_uses_the_vaults_communities_and_shows_them_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "vault.json"
    vault(file).put(Entry("core", COMMUNITY, Secret(MARKER)))
    settings = Settings(vault=str(file))
    scan = scan_settings(settings, lambda: "long enough")
    assert scan.snmp_communities == ("public", MARKER)
    assert MARKER not in repr(scan)
    with pytest.raises(VaultSealed):
        scan_settings(settings, lambda: None)


def test_without_a_vault_a_scan_asks_for_no_passphrase(tmp_path: Path) -> None:
    settings = Settings(vault=str(tmp_path / "none.json"))
    assert scan_settings(settings, lambda: pytest.fail("asked")).snmp_communities == ("public",)


def test_the_settings_refuse_a_secret_community_and_say_where_it_belongs(tmp_path: Path) -> None:
    file = tmp_path / "muster.toml"
    file.write_text('[scan]\nsnmp_communities = ["public", "private"]\n')
    assert load(file).scan.snmp_communities == ("public", "private")
    file.write_text(f'[scan]\nsnmp_communities = ["{MARKER}"]\n')
    with pytest.raises(BadInput, match="muster vault set") as refused:
        load(file)
    assert MARKER not in str(refused.value)


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_VAULT", str(tmp_path / "vault.json"))
    (tmp_path / "passphrase").write_text("from a file\n")
    monkeypatch.setenv("MUSTER_VAULT_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    run = CliRunner().invoke
    put = run(cli, ["vault", "set", "core"], input=f"{MARKER}\n")
    assert put.exit_code == 0, put.output
    user = ["vault", "set", "v3", "--kind", "snmp-v3", "--user", "monitor", "--privacy", "aes"]
    assert run(cli, user, input="auth-secret\npriv-secret\n").exit_code == 0
    listed = run(cli, ["vault", "list", "--format", "json"])
    assert [row["name"] for row in json.loads(listed.output)] == ["core", "v3"]
    assert not any(secret in put.output + listed.output for secret in (MARKER, "auth-secret", "priv-secret"))
    assert run(cli, ["vault", "remove", "core"]).exit_code == 0
    assert run(cli, ["vault", "remove", "core"]).exit_code != 0
    assert run(cli, ["vault", "set", "nothing"], input="").exit_code != 0
