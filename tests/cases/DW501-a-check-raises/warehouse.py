from dagwright import OperatorFactory


class WarehouseImport(OperatorFactory):
    """Load a file into a table of the warehouse."""

    table: str

    def check(self, context):
        schema, table = self.table.split(".")
        if schema != "rates":
            yield context.error("table", f"there is no schema '{schema}' for '{table}'")
