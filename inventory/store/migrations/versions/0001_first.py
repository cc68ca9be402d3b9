"""The first schema: devices with their history, scans, judgements, records and the audit log."""

from functools import partial
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _places()
    _devices()
    _identity()
    _logins()
    _judgements()
    _records()


def _places() -> None:
    op.create_table(
        "scope",
        *_strings("network", primary_key=True),
        *_strings("site", "segment", "touch"),
        *_flags("caps_lifted"),
        *_texts("do_not_probe"),
        *_strings("added_by"),
        *_moments("added_at"),
        *_strings("reason"),
    )
    op.create_table(
        "run",
        *_strings("id", primary_key=True),
        *_strings("vantage"),
        *_moments("started"),
        *_moments("finished", nullable=True),
        *_flags("stopped"),
        *_strings("profile"),
        *_texts("coverage", "packets"),
    )
    op.create_index("ix_run_started", "run", ["started"])


def _devices() -> None:
    op.create_table(
        "device",
        *_strings("id", primary_key=True),
        *_strings("standing"),
        *_flags("unseen"),
        *_strings("status"),
        *_strings("absorbed_by", nullable=True),
        *_integers("revision"),
        *_strings("site", "segment"),
        *_moments("first_seen", "last_seen"),
        *_strings(
            "last_run",
            "ip",
            "ip_key",
            "mac",
            "device_class",
            "vendor",
            "model",
            "firmware",
            "serial",
            "hostname",
            "os",
            "connection_method",
            "switch_port",
            "vlan",
            "ssid",
            "owner",
            "location",
            "purpose",
            "in_scope",
            "asset_tag",
            "supplier",
            "contract",
            "purchase_date",
            "security_mark",
            "physical_control",
            "access_right",
            "network_zone",
            "declared_ports",
            "notes",
            "ports",
            "search",
        ),
        *_flags("several"),
    )
    _device_indexes()
    op.create_table(
        "value",
        *_row_ids("id", primary_key=True),
        *_strings("device", of="device.id"),
        *_strings("attribute", "value", "source"),
        *_floats("certainty"),
        *_flags("locked"),
        *_moments("valid_from"),
        *_moments("valid_to", nullable=True),
        *_moments("confirmed_at"),
        *_texts("disagreeing"),
    )
    op.create_index(
        "value_now",
        "value",
        ["device", "attribute"],
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_index("value_of_device", "value", ["device", "attribute", "valid_from"])
    if op.get_bind().dialect.name == "sqlite":  # a PostgreSQL index entry holds 2,700 bytes at most
        op.create_index(
            "value_of_attribute", "value", ["attribute", "value", "device", "valid_from", "valid_to"]
        )
    op.create_table(
        "basis",
        *_strings("device", primary_key=True, of="device.id"),
        *_texts("claims"),
    )
    op.create_table(
        "address",
        *_row_ids("id", primary_key=True),
        *_strings("device", of="device.id"),
        *_strings("site", "ip", "ip_key"),
        *_strings("mac", nullable=True),
        *_strings("segment"),
        *_moments("first_seen", "last_seen"),
        *_strings("last_run"),
        *_moments("ended", nullable=True),
    )
    op.create_index("address_of_device", "address", ["device", "site", "ip"])
    op.create_index("address_order", "address", ["site", "ip_key"])
    op.create_index("address_now", "address", ["ip_key", "device"], **_where("ended IS NULL"))
    op.create_index("address_place", "address", ["site", "ip"])
    op.create_table(
        "service",
        *_row_ids("id", primary_key=True),
        *_strings("device", of="device.id"),
        *_strings("proto"),
        *_integers("port"),
        *_strings("name", "product", "version"),
        *_moments("first_seen", "last_seen"),
        *_moments("ended", nullable=True),
    )
    op.create_index("service_of_device", "service", ["device", "proto", "port"])
    op.create_index("service_port", "service", ["port", "proto"])
    op.create_table(
        "identifier",
        *_strings("kind", "value", "scope", primary_key=True),
        *_strings("device", primary_key=True, of="device.id"),
    )
    op.create_index("identifier_of_device", "identifier", ["device"])
    op.create_table(
        "observation",
        *_row_ids("id", primary_key=True),
        *_strings("device", of="device.id"),
        *_strings("run", "vantage", "site", "segment", "ip"),
        *_strings("mac", nullable=True),
        *_strings("source"),
        *_strings("service", nullable=True),
        *_integers("part"),
        *_texts("facts"),
        *_strings("facts_digest", "digest", "excerpt"),
        *_moments("first_at", "last_at"),
        *_flags("latest"),
    )
    op.create_index("observation_line", "observation", ["site", "ip", "source", "service", "last_at"])
    op.create_index("observation_of_device", "observation", ["device", "latest"])
    op.create_table(
        "change",
        *_row_ids("id", primary_key=True),
        *_strings("device", of="device.id"),
        *_moments("at"),
        *_strings("what", "before", "after", "source"),
    )
    op.create_index("change_of_device", "change", ["device", "at"])


def _device_indexes() -> None:
    live = _where("absorbed_by IS NULL")
    op.create_index("device_ip", "device", ["ip_key", "id"], **live)
    for name in (
        "status",
        "site",
        "segment",
        "first_seen",
        "last_seen",
        "mac",
        "device_class",
        "vendor",
        "model",
        "firmware",
        "serial",
        "hostname",
        "os",
        "connection_method",
        "switch_port",
        "vlan",
        "ssid",
        "owner",
        "location",
        "purpose",
        "in_scope",
        "asset_tag",
        "supplier",
        "contract",
        "network_zone",
        "ports",
    ):
        op.create_index(f"device_{name}", "device", [name, "ip_key", "id"], **live)
    op.create_index("device_make", "device", ["vendor", "model", "ip_key", "id"], **live)
    op.create_index("device_several", "device", ["id"], **_where("several AND absorbed_by IS NULL"))
    if op.get_bind().dialect.name == "sqlite":  # a PostgreSQL index entry holds 2,700 bytes at most
        op.create_index("device_search", "device", ["search", "id"], **live)
    op.create_index("device_absorbed", "device", ["absorbed_by"], **_where("absorbed_by IS NOT NULL"))


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _identity() -> None:
    op.create_table(
        "ambiguity",
        *_row_ids("id", primary_key=True),
        *_strings("kind"),
        *_strings("device", "other", of="device.id"),
        *_texts("agrees", "differs"),
        *_strings("run"),
        *_moments("at"),
        *_moments("settled_at", nullable=True),
        *_strings("settled_by", "decision"),
    )
    op.create_index("ambiguity_open", "ambiguity", ["settled_at"])
    op.create_index("ambiguity_pair", "ambiguity", ["device", "other"])
    op.create_table(
        "joined",
        *_row_ids("id", primary_key=True),
        *_strings("device", "absorbed", of="device.id"),
        *_moments("at"),
        *_strings("by"),
        *_texts("before"),
        *_moments("undone_at", nullable=True),
    )
    op.create_index("ix_joined_absorbed", "joined", ["absorbed"])
    op.create_index("ix_joined_device", "joined", ["device"])


def _logins() -> None:
    op.create_table(
        "login_try",
        *_row_ids("id", primary_key=True),
        *_strings("device", of="device.id"),
        *_strings("site", "ip", "mac", "protocol", "service", "account", "pair"),
        *_moments("at"),
        *_strings("outcome"),
    )
    op.create_index("login_try_of_device", "login_try", ["device", "account", "at"])
    op.create_index("login_try_place", "login_try", ["site", "ip"])
    op.create_index("login_try_mac", "login_try", ["mac"])


def _judgements() -> None:
    op.create_table(
        "result",
        *_row_ids("id", primary_key=True),
        *_strings("device", of="device.id"),
        *_strings("check", "outcome", "reason", "reason_zh"),
        *_texts("facts", "evidence"),
        *_moments("first_at", "at"),
        *_moments("expires", nullable=True),
        *_flags("latest"),
    )
    op.create_index("result_of_device", "result", ["device", "latest"])
    op.create_table(
        "assessment",
        *_row_ids("id", primary_key=True),
        *_dates("judged_on"),
        *_moments("saved_at"),
    )
    op.create_table(
        "article",
        *_row_ids("assessment", primary_key=True, of="assessment.id"),
        *_integers("position", primary_key=True),
        *_strings("pack", "pack_title_en", "pack_title_zh"),
        *_dates("edition"),
        *_strings("number", "title_en", "title_zh", "summary_en", "summary_zh", "level", "cycle"),
    )
    op.create_table(
        "verdict",
        *_row_ids("id", primary_key=True),
        *_row_ids("assessment", of="assessment.id"),
        *_strings("device", of="device.id"),
        *_strings("pack"),
        *_dates("edition"),
        *_strings("article", "rule", "outcome", "severity", "reason_en", "reason_zh"),
        *_dates("judged_from", "judged_on"),
        *_texts("because"),
        *_strings("remedy_en", "remedy_zh"),
        *_integers("due_days"),
    )
    op.create_index("verdict_of_assessment", "verdict", ["assessment", "article"])
    op.create_index("verdict_of_device", "verdict", ["device", "assessment"])
    op.create_table(
        "finding",
        *_strings("id", primary_key=True),
        *_strings("device", of="device.id"),
        *_strings("pack", "article", "rule", "state", "severity"),
        *_dates("opened", "last_judged", "due"),
        *_strings("reason_en", "reason_zh", "remedy_en", "remedy_zh"),
        *_dates("resolved", nullable=True),
    )
    op.create_index("finding_of_device", "finding", ["device", "state"])
    op.create_index("finding_state", "finding", ["state", "article"])
    op.create_index("finding_due", "finding", ["state", "due"])
    op.create_table(
        "standing",
        *_row_ids("assessment", primary_key=True, of="assessment.id"),
        *_strings("pack", "article", "outcome", primary_key=True),
        *_integers("devices"),
    )


def _records() -> None:
    op.create_table(
        "attestation",
        *_strings("id", primary_key=True),
        *_strings("article", "device"),
        *_flags("answer"),
        *_strings("signer"),
        *_dates("signed"),
        *_strings("evidence"),
        *_dates("next_due", nullable=True),
    )
    op.create_index("ix_attestation_device", "attestation", ["device"])
    op.create_table(
        "exception",
        *_strings("id", primary_key=True),
        *_strings("device", of="device.id"),
        *_texts("articles"),
        *_strings("reason", "compensating_control", "approver"),
        *_dates("start", "expiry"),
        *_strings("plan"),
    )
    op.create_index("ix_exception_device", "exception", ["device"])
    op.create_table(
        "plan",
        *_strings("id", primary_key=True),
        *_texts("devices"),
        *_strings("reason", "successor"),
        *_dates("due"),
        *_strings("owner", "state"),
    )
    op.create_table(
        "audit",
        *_row_ids("number", primary_key=True),
        *_moments("at"),
        *_strings("by", "action", "subject"),
        *_texts("detail"),
        *_strings("digest"),
    )
    op.create_table(
        "step",
        *_row_ids("id", primary_key=True),
        *_row_ids("entry", of="audit.number"),
        *_strings("kind", "subject"),
        *_texts("before", "after"),
    )
    op.create_index("step_of_entry", "step", ["entry"])
    op.create_index("step_about", "step", ["subject"])
    for kind, columns in (
        ("owner", ("department", "contact")),
        ("place", ("kind",)),
        ("supplier", ("contact",)),
        ("contract", ("supplier", "starts", "ends")),
    ):
        op.create_table(
            kind,
            *_row_ids("id", primary_key=True),
            *_strings("name", *columns, "notes", "by"),
            *_moments("valid_from"),
            *_moments("valid_to", nullable=True),
        )
        op.create_index(f"{kind}_name", kind, ["name", "valid_from"])


def _columns(
    kind: sa.types.TypeEngine[Any],
    *names: str,
    nullable: bool = False,
    primary_key: bool = False,
    of: str = "",
) -> list[sa.Column[Any]]:
    return [
        sa.Column(
            name, kind, *([sa.ForeignKey(of)] if of else []), nullable=nullable, primary_key=primary_key
        )
        for name in names
    ]


_strings = partial(_columns, sa.String())
_texts = partial(_columns, sa.Text())
_flags = partial(_columns, sa.Boolean())
_floats = partial(_columns, sa.Float())
_integers = partial(_columns, sa.Integer())
_dates = partial(_columns, sa.Date())
_moments = partial(_columns, sa.BigInteger())  # microseconds since 1970, UTC
_row_ids = partial(_columns, sa.BigInteger().with_variant(sa.Integer(), "sqlite"))
