"""`python -m benchmarks`: the speed of a fleet of DAGs, see `benchmarks.fleet`."""

from __future__ import annotations

import sys

from benchmarks.fleet import main

sys.exit(main())
