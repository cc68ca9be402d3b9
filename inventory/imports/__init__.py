"""Reads lists people kept (CSV, XLSX, JSON) into `ImportRow`s; what a row does is the register's business.

`reading` makes a table of texts out of bytes, `headings` says which column is what, `rows` joins the two.
Whatever is wrong with a whole file is BadInput; what is wrong with one line stands in that line.
"""

from inventory.imports.headings import Mapped
from inventory.imports.rows import Listed, read_copied, read_list

__all__ = ["Listed", "Mapped", "read_copied", "read_list"]
