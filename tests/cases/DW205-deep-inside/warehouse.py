from dagwright import Component, OperatorFactory


class Column(Component, shorthand="name"):
    name: str
    length: int | None = None


class Table(Component):
    name: str
    columns: list[Column]


class WarehouseImport(OperatorFactory):
    """Load files into tables of the warehouse."""

    tables: list[Table]
