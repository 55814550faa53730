from __future__ import annotations

import pytest

from dagwright.runtime.errors import MissingPackageError
from dagwright.runtime.extras import need


def test_a_package_that_is_there():
    assert need("json", extra="sftp").dumps([]) == "[]"


def test_a_missing_package_names_the_command():
    with pytest.raises(MissingPackageError) as caught:
        need("no_such_package.hooks", extra="sftp")
    assert str(caught.value) == (
        "the package 'no_such_package' is not installed; install it with: pip install 'dagwright[sftp]'"
    )
