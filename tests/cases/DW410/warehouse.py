from __future__ import annotations

from typing import TYPE_CHECKING

from dagwright import OperatorFactory

if TYPE_CHECKING:
    from decimal import Decimal


class WarehouseImport(OperatorFactory):
    """Load a file into a table of the warehouse."""

    table: str
    limit: Decimal | None = None


class WarehouseVacuum(OperatorFactory, name_from="tabel"):
    """Reclaim room."""

    table: str
