from dagwright import OperatorFactory


class WebPublisher(OperatorFactory):
    """Publish a file on the web site."""

    file: str
