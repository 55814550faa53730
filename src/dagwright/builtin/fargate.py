"""The sizes that tasks have on AWS Fargate."""

__all__ = ["fargate_size"]

# CPU units (1024 are one vCPU) and the MiB of memory that go with them: smallest, largest, step.
_SIZES = (
    (256, (512, 512, 512)),
    (256, (1024, 2048, 1024)),
    (512, (1024, 4096, 1024)),
    (1024, (2048, 8192, 1024)),
    (2048, (4096, 16384, 1024)),
    (4096, (8192, 30720, 1024)),
    (8192, (16384, 61440, 4096)),
    (16384, (32768, 122880, 8192)),
)


def fargate_size(cpu: float, memory_mib: int) -> tuple[int, int] | None:
    """Return the smallest size that has as much, in CPU units and MiB; None where there is none."""
    for units, (smallest, largest, step) in _SIZES:
        memory = max(smallest, smallest + -(-(memory_mib - smallest) // step) * step)
        if units >= cpu * 1024 and memory <= largest:
            return units, memory
    return None
