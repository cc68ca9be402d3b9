"""What lies around devices: measured ways between segments, and wireless networks."""

from alembic import op

from inventory.store.migration_columns import flags, integers, moments, row_ids, strings, texts

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crossing",
        *row_ids("id", primary_key=True),
        *strings("site", "source", "target", "service"),
        *integers("family"),
        *strings("ip", "state"),
        *moments("at"),
        *strings("vantage", "reason"),
        *flags("latest"),
    )
    op.create_index("crossing_way", "crossing", ["site", "source", "target", "service", "family", "ip"])
    op.create_table(
        "wireless_network",
        *strings("site", "bssid", "ssid", primary_key=True),
        *strings("segment", "device", "vlan", "security"),
        *texts("weak", "detail", "stations"),
        *strings("source"),
        *moments("first_at", "last_at"),
    )
    op.create_index("ix_wireless_network_device", "wireless_network", ["device"])
