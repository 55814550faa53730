"""The slot of validators."""

from dagwright import OperatorFactory

__all__ = ["Validator"]


class Validator(OperatorFactory, abstract=True, default_type="file_validation"):
    """Something that fails where data is not as it should be, so that nothing after it runs."""
