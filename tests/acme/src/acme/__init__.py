"""Dataflows as acme builds them: one factory per module, found by the entry point of `pyproject.toml`.

Written with nothing but what Dagwright documents. `acme.worker` is what runs on a worker; it has no factories.
"""
