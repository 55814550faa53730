import acme_client

from dagwright import OperatorFactory


class WarehouseUpload(OperatorFactory):
    table: str
    client: acme_client.Client
