"""The factories that come with Dagwright, one per module, written to be read as examples.

They are registered exactly as a third party's are, by the entry point group `dagwright.factories`, and use
nothing of Dagwright that is not public. The slots that other packages fill are re-exported here.
"""

from dagwright.builtin.job import Job
from dagwright.builtin.publisher import Publisher
from dagwright.builtin.runtime import Runtime
from dagwright.builtin.validator import Validator
from dagwright.builtin.warehouse import Warehouse

__all__ = ["Job", "Publisher", "Runtime", "Validator", "Warehouse"]
