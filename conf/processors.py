"""How many processors this process may use: those it may run on, within the quota of its container.

Neither `os` nor psutil knows of quotas (`docker run --cpus`, systemd's CPUQuota): they are those of Linux's
control groups. https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_GROUPS: Final = Path("/sys/fs/cgroup")
_MEMBERSHIP: Final = Path("/proc/self/cgroup")
_UNLIMITED: Final = {"max", "-1"}


def count_processors() -> int:
    """At least one. Of a quota only whole processors count, because who uses up more than its quota is
    stopped until the next period, the event loop too.
    """
    has_affinity = hasattr(os, "sched_getaffinity")
    available = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    return max(1, min([available, *_quotas()]))


def _quotas() -> Iterator[int]:
    """Of this process's control group and of all that it is in: each of them limits it."""
    for folder in _control_groups():
        with suppress(OSError, ValueError, ZeroDivisionError):  # no limits here, or not of this version
            quota, period = _read_limit(folder)
            if quota not in _UNLIMITED:
                yield int(quota) // int(period)


def _read_limit(folder: Path) -> tuple[str, str]:
    """Microseconds of processors in a period, and of the period."""
    with suppress(FileNotFoundError):
        quota, period = (folder / "cpu.max").read_text().split()
        return quota, period
    return _read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")


def _read(path: Path) -> str:
    return path.read_text().strip()


def _control_groups() -> Iterator[Path]:
    """Their folders. In a container the path may be the host's: then only the root of all is there."""
    with suppress(OSError):
        for line in _MEMBERSHIP.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and "cpu" not in controllers.split(","):
                continue
            root = _GROUPS / "cpu" if controllers else _GROUPS  # version 1 has a tree a controller
            group = root / path.lstrip("/")
            yield from (folder for folder in (group, *group.parents) if folder.is_relative_to(root))
