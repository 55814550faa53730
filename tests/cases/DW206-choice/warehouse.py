from typing import Annotated, Literal

from pydantic import Field

from dagwright import OperatorFactory


class WarehouseImport(OperatorFactory):
    """Load a file into a table of the warehouse."""

    source_file: str
    table: Annotated[str, Field(pattern=r"^[a-z_]+$", max_length=30)]
    mode: Literal["replace", "append", "merge"] = "replace"
    batch_size: Annotated[int, Field(ge=1, le=10_000)] = 1000
