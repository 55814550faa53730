from dagwright import OperatorFactory


class Report(OperatorFactory)
    """Send a report."""

    to: str
