import acme_client

from dagwright import OperatorFactory


class WarehouseImport(OperatorFactory):
    table: str
    client: acme_client.Client
