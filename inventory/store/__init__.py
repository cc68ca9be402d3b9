"""Where the register lies: tables, migrations and the statements between them and the typed values.

Rows never leave this package. What the disk, the file or the server does wrong leaves it as StoreFault
(inventory.exits), what the caller asks wrongly as NotFound or Conflict (inventory.store.faults).
"""
