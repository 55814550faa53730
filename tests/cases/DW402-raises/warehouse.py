from dagwright import OperatorFactory

TABLES = {"daily": "rates.daily"}


class LedgerPost(OperatorFactory):
    """Load a file into a table of the warehouse."""

    table: str = TABLES["monthly"]
