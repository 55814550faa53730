import acme_snowflake_client

from dagwright import OperatorFactory


class WarehouseImport(OperatorFactory):
    """Load a file into a table of the warehouse."""

    table: str
    client: acme_snowflake_client.Client
