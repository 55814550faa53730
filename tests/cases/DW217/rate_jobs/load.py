def load_rates(path: str, table: str, mode: str = "replace") -> int:
    """Load a file into a table and return the number of rows."""
