from pydantic import field_validator, model_validator

from dagwright import OperatorFactory


class WarehouseImport(OperatorFactory):
    """Load a file into a table of the warehouse."""

    source_file: str
    table: str
    key: list[str] = []
    mode: str = "replace"

    @field_validator("source_file")
    @classmethod
    def check_source_file(cls, source_file: str) -> str:
        if not source_file.endswith(".csv"):
            raise ValueError("the warehouse loads .csv files only")
        return source_file

    @model_validator(mode="after")
    def check_key(self) -> "WarehouseImport":
        if self.mode == "merge" and not self.key:
            raise ValueError("mode 'merge' needs a 'key'")
        return self

    def check(self, context):
        if self.table.startswith("tmp_"):
            yield context.error("table", "tables 'tmp_…' are dropped every night", help="name it otherwise")
