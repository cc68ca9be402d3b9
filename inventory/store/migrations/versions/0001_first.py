"""The first schema: devices with their history, scans, judgements, records and the audit log."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from inventory.store.migration_columns import dates, flags, floats, integers, moments, row_ids, strings, texts

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
        *strings("network", primary_key=True),
        *strings("site", "segment", "touch"),
        *flags("caps_lifted"),
        *texts("do_not_probe"),
        *strings("added_by"),
        *moments("added_at"),
        *strings("reason"),
    )
    op.create_table(
        "run",
        *strings("id", primary_key=True),
        *strings("vantage"),
        *moments("started"),
        *moments("finished", nullable=True),
        *flags("stopped"),
        *strings("profile"),
        *texts("coverage", "packets"),
    )
    op.create_index("ix_run_started", "run", ["started"])


def _devices() -> None:
    op.create_table(
        "device",
        *strings("id", primary_key=True),
        *strings("standing"),
        *flags("unseen"),
        *strings("status"),
        *strings("absorbed_by", nullable=True),
        *integers("revision"),
        *strings("site", "segment"),
        *moments("first_seen", "last_seen"),
        *strings(
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
        *flags("several"),
    )
    _device_indexes()
    op.create_table(
        "value",
        *row_ids("id", primary_key=True),
        *strings("device", of="device.id"),
        *strings("attribute", "value", "source"),
        *floats("certainty"),
        *flags("locked"),
        *moments("valid_from"),
        *moments("valid_to", nullable=True),
        *moments("confirmed_at"),
        *texts("disagreeing"),
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
        *strings("device", primary_key=True, of="device.id"),
        *texts("claims"),
    )
    op.create_table(
        "address",
        *row_ids("id", primary_key=True),
        *strings("device", of="device.id"),
        *strings("site", "ip", "ip_key"),
        *strings("mac", nullable=True),
        *strings("segment"),
        *moments("first_seen", "last_seen"),
        *strings("last_run"),
        *moments("ended", nullable=True),
    )
    op.create_index("address_of_device", "address", ["device", "site", "ip"])
    op.create_index("address_order", "address", ["site", "ip_key"])
    op.create_index("address_now", "address", ["ip_key", "device"], **_where("ended IS NULL"))
    op.create_index("address_place", "address", ["site", "ip"])
    op.create_table(
        "service",
        *row_ids("id", primary_key=True),
        *strings("device", of="device.id"),
        *strings("proto"),
        *integers("port"),
        *strings("name", "product", "version"),
        *moments("first_seen", "last_seen"),
        *moments("ended", nullable=True),
    )
    op.create_index("service_of_device", "service", ["device", "proto", "port"])
    op.create_index("service_port", "service", ["port", "proto"])
    op.create_table(
        "identifier",
        *strings("kind", "value", "scope", primary_key=True),
        *strings("device", primary_key=True, of="device.id"),
    )
    op.create_index("identifier_of_device", "identifier", ["device"])
    op.create_table(
        "observation",
        *row_ids("id", primary_key=True),
        *strings("device", of="device.id"),
        *strings("run", "vantage", "site", "segment", "ip"),
        *strings("mac", nullable=True),
        *strings("source"),
        *strings("service", nullable=True),
        *integers("part"),
        *texts("facts"),
        *strings("facts_digest", "digest", "excerpt"),
        *moments("first_at", "last_at"),
        *flags("latest"),
    )
    op.create_index("observation_line", "observation", ["site", "ip", "source", "service", "last_at"])
    op.create_index("observation_of_device", "observation", ["device", "latest"])
    op.create_table(
        "change",
        *row_ids("id", primary_key=True),
        *strings("device", of="device.id"),
        *moments("at"),
        *strings("what", "before", "after", "source"),
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
        *row_ids("id", primary_key=True),
        *strings("kind"),
        *strings("device", "other", of="device.id"),
        *texts("agrees", "differs"),
        *strings("run"),
        *moments("at"),
        *moments("settled_at", nullable=True),
        *strings("settled_by", "decision"),
    )
    op.create_index("ambiguity_open", "ambiguity", ["settled_at"])
    op.create_index("ambiguity_pair", "ambiguity", ["device", "other"])
    op.create_table(
        "joined",
        *row_ids("id", primary_key=True),
        *strings("device", "absorbed", of="device.id"),
        *moments("at"),
        *strings("by"),
        *texts("before"),
        *moments("undone_at", nullable=True),
    )
    op.create_index("ix_joined_absorbed", "joined", ["absorbed"])
    op.create_index("ix_joined_device", "joined", ["device"])


def _logins() -> None:
    op.create_table(
        "login_try",
        *row_ids("id", primary_key=True),
        *strings("device", of="device.id"),
        *strings("site", "ip", "mac", "protocol", "service", "account", "pair"),
        *moments("at"),
        *strings("outcome"),
    )
    op.create_index("login_try_of_device", "login_try", ["device", "account", "at"])
    op.create_index("login_try_place", "login_try", ["site", "ip"])
    op.create_index("login_try_mac", "login_try", ["mac"])


def _judgements() -> None:
    op.create_table(
        "result",
        *row_ids("id", primary_key=True),
        *strings("device", of="device.id"),
        *strings("check", "outcome", "reason", "reason_zh"),
        *texts("facts", "evidence"),
        *moments("first_at", "at"),
        *moments("expires", nullable=True),
        *flags("latest"),
    )
    op.create_index("result_of_device", "result", ["device", "latest"])
    op.create_table(
        "assessment",
        *row_ids("id", primary_key=True),
        *dates("judged_on"),
        *moments("saved_at"),
    )
    op.create_table(
        "article",
        *row_ids("assessment", primary_key=True, of="assessment.id"),
        *integers("position", primary_key=True),
        *strings("pack", "pack_title_en", "pack_title_zh"),
        *dates("edition"),
        *strings("number", "title_en", "title_zh", "summary_en", "summary_zh", "level", "cycle"),
    )
    op.create_table(
        "verdict",
        *row_ids("id", primary_key=True),
        *row_ids("assessment", of="assessment.id"),
        *strings("device", of="device.id"),
        *strings("pack"),
        *dates("edition"),
        *strings("article", "rule", "outcome", "severity", "reason_en", "reason_zh"),
        *dates("judged_from", "judged_on"),
        *texts("because"),
        *strings("remedy_en", "remedy_zh"),
        *integers("due_days"),
    )
    op.create_index("verdict_of_assessment", "verdict", ["assessment", "article"])
    op.create_index("verdict_of_device", "verdict", ["device", "assessment"])
    op.create_table(
        "finding",
        *strings("id", primary_key=True),
        *strings("device", of="device.id"),
        *strings("pack", "article", "rule", "state", "severity"),
        *dates("opened", "last_judged", "due"),
        *strings("reason_en", "reason_zh", "remedy_en", "remedy_zh"),
        *dates("resolved", nullable=True),
    )
    op.create_index("finding_of_device", "finding", ["device", "state"])
    op.create_index("finding_state", "finding", ["state", "article"])
    op.create_index("finding_due", "finding", ["state", "due"])
    op.create_table(
        "standing",
        *row_ids("assessment", primary_key=True, of="assessment.id"),
        *strings("pack", "article", "outcome", primary_key=True),
        *integers("devices"),
    )


def _records() -> None:
    op.create_table(
        "attestation",
        *strings("id", primary_key=True),
        *strings("article", "device"),
        *flags("answer"),
        *strings("signer"),
        *dates("signed"),
        *strings("evidence"),
        *dates("next_due", nullable=True),
    )
    op.create_index("ix_attestation_device", "attestation", ["device"])
    op.create_table(
        "exception",
        *strings("id", primary_key=True),
        *strings("device", of="device.id"),
        *texts("articles"),
        *strings("reason", "compensating_control", "approver"),
        *dates("start", "expiry"),
        *strings("plan"),
    )
    op.create_index("ix_exception_device", "exception", ["device"])
    op.create_table(
        "plan",
        *strings("id", primary_key=True),
        *texts("devices"),
        *strings("reason", "successor"),
        *dates("due"),
        *strings("owner", "state"),
    )
    op.create_table(
        "audit",
        *row_ids("number", primary_key=True),
        *moments("at"),
        *strings("by", "action", "subject"),
        *texts("detail"),
        *strings("digest"),
    )
    op.create_table(
        "step",
        *row_ids("id", primary_key=True),
        *row_ids("entry", of="audit.number"),
        *strings("kind", "subject"),
        *texts("before", "after"),
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
            *row_ids("id", primary_key=True),
            *strings("name", *columns, "notes", "by"),
            *moments("valid_from"),
            *moments("valid_to", nullable=True),
        )
        op.create_index(f"{kind}_name", kind, ["name", "valid_from"])
