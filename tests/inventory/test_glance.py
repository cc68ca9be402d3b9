"""A glance at the register sees what a gate asks of it, just as the whole register does."""

import sqlite3
from contextlib import closing

from inventory.glance import glance
from inventory.register import Register
from inventory.types import FixedClock, Scope, Touch
from tests.inventory.heard import MAC_1, MAC_2, MONDAY, heard

SCOPES = (
    Scope("10.0.0.0/24", "hq", "office", Touch.LOGIN, caps_lifted=True, do_not_probe=("class:fax", MAC_2)),
    Scope("192.168.2.0/24", "branch", "iot", reason="印表機 only"),
    Scope("fd00::/64", "hq", "office"),
)


def test_it_sees_the_scopes_and_where_every_device_is(tmp_path):
    place = str(tmp_path / "a register?.sqlite")
    with Register.open(place, FixedClock(MONDAY)) as register:
        for scope in SCOPES:
            register.add_scope(scope, by="lin")
        register.ingest(
            [
                heard("10.0.0.7", MAC_1, device_class="printer"),
                heard("10.0.0.8", MAC_2, device_class="camera", serial="A1"),
                heard("192.168.2.9", None, site="branch", segment="iot"),
            ]
        )
        scopes, devices = register.scopes(), tuple(register.iter_devices())
    seen = glance(place)
    assert seen is not None
    assert seen.scopes == scopes
    whereabouts = {(d.device_class, a.site, a.ip, a.mac) for d in seen.devices for a in d.addresses}
    assert whereabouts == {(d.device_class, a.site, a.ip, a.mac) for d in devices for a in d.addresses}
    assert len(whereabouts) == 3


def test_what_it_cannot_be_sure_of_is_left_to_the_register(tmp_path):
    missing, foreign, older = (str(tmp_path / name) for name in ("none", "foreign", "older"))
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE customers (name)")
    Register.open(older, FixedClock(MONDAY)).close()
    with closing(sqlite3.connect(older)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    (tmp_path / "text").write_text("not a database")
    places = (missing, foreign, older, str(tmp_path / "text"), ":memory:", "postgresql://localhost/muster")
    assert [glance(place) for place in places] == [None] * len(places)
    assert not (tmp_path / "none").exists()
