"""`muster vault`: keep SNMP communities and v3 users where no file shows them."""

import sys

import click

from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import UsageFault
from inventory.language import _
from inventory.secret import Secret
from inventory.vault import (
    AUTHENTICATION,
    COMMUNITY,
    PRIVACY,
    V3_USER,
    Entry,
    Vault,
    passphrase_of_environment,
)


@click.group()
def vault() -> None:
    """Keep SNMP communities and v3 users in the keyring, or in a file sealed with a passphrase.

    The passphrase comes from MUSTER_VAULT_PASSPHRASE, from the file MUSTER_VAULT_PASSPHRASE_FILE names, or is
    asked for. `vault = "FILE"` in muster.toml (or MUSTER_VAULT) says where the file lies.
    """


@vault.command(name="set")
@click.argument("name")
@click.option("--kind", type=click.Choice([COMMUNITY, V3_USER]), default=COMMUNITY, show_default=True)
@click.option("--user", default="", help="The v3 user's name.")
@click.option("--auth", type=click.Choice(AUTHENTICATION), default="sha256", show_default=True)
@click.option("--privacy", type=click.Choice(PRIVACY), help="Encrypt with this; without it, sign only.")
@pass_session
def set_entry(session: Session, name: str, kind: str, user: str, auth: str, privacy: str | None) -> None:  # noqa: PLR0917 - click passes by name
    """Put a credential in under NAME, or replace it.

    The secret is asked for; where stdin is no terminal it is read from there, a line for each.
    """
    if (kind == V3_USER) is not bool(user):
        raise UsageFault(_("--user goes with --kind snmp-v3, and must be given there"))
    secret = _ask_secret(_("Community") if kind == COMMUNITY else _("Authentication passphrase"))
    private = _ask_secret(_("Privacy passphrase")) if kind == V3_USER and privacy else ""
    is_v3 = kind == V3_USER
    entry = Entry(
        name,
        kind,
        Secret(secret),
        user,
        auth if is_v3 else "",
        (privacy or "") if is_v3 else "",
        Secret(private),
    )
    kept = _vault(session)
    kept.put(entry)
    click.echo(_("{name} is in the vault ({place})").format(name=name, place=kept.place))


@vault.command(name="list")
@format_option
@pass_session
def list_entries(session: Session, form: str) -> None:
    """List what is in the vault, without the secrets."""
    rows = [
        {
            "name": entry.name,
            "kind": entry.kind,
            "user": entry.user,
            "auth": entry.authentication,
            "privacy": entry.privacy,
        }
        for entry in _vault(session).entries().values()
    ]
    headings = {
        "name": _("Name"),
        "kind": _("Kind"),
        "user": _("User"),
        "auth": _("Authentication"),
        "privacy": _("Privacy"),
    }
    print_rows(rows, headings, form)


@vault.command()
@click.argument("name")
@pass_session
def remove(session: Session, name: str) -> None:
    """Take a credential out."""
    if not _vault(session).remove(name):
        raise UsageFault(_("there is no {name} in the vault").format(name=name))
    click.echo(_("{name} is out of the vault").format(name=name))


def _vault(session: Session) -> Vault:
    return Vault.of(session.settings, _passphrase)


def _passphrase() -> str | None:
    given = passphrase_of_environment()
    if given or not sys.stdin.isatty():
        return given
    return str(click.prompt(_("Passphrase of the vault"), hide_input=True, err=True))


def _ask_secret(what: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=True, confirmation_prompt=True, err=True))
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise UsageFault(_("{what}: nothing was given on stdin").format(what=what))
    return given
