from dagwright import OperatorFactory

TABLES = {"daily": "rates.daily"}


class WarehouseUpload(OperatorFactory):
    """Load a file into a table of the warehouse."""

    table: str = TABLES["monthly"]
