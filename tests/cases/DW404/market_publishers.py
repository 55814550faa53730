from dagwright import OperatorFactory


class WebPublisher(OperatorFactory):
    """Publish a file on the market's portal."""

    file: str
