"""Counts the processors that this process may use, within the quota of its container.

Neither `os` nor psutil knows of quotas (`docker run --cpus`, systemd's CPUQuota), which Linux's control
groups have. https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
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
    """The number, at least one. Only whole processors of a quota count: a process that exceeds its quota is
    stopped until the next period, and so is its event loop.
    """
    has_affinity = hasattr(os, "sched_getaffinity")
    available = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    return max(1, min([available, *_quotas()]))


def _quotas() -> Iterator[int]:
    """The quotas of this process's control group and of all groups around it, because each limits it."""
    for folder in _control_groups():
        with suppress(OSError, ValueError, ZeroDivisionError):  # no limit, or in another format
            quota, period = _read_limit(folder)
            if quota not in _UNLIMITED:
                yield int(quota) // int(period)


def _read_limit(folder: Path) -> tuple[str, str]:
    """Microseconds of processor time per period, and the length of the period."""
    with suppress(FileNotFoundError):
        quota, period = (folder / "cpu.max").read_text().split()
        return quota, period
    return _read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")


def _read(path: Path) -> str:
    return path.read_text().strip()


def _control_groups() -> Iterator[Path]:
    """The folders of the groups. In a container the path may be the host's, so that only the root exists."""
    with suppress(OSError):
        for line in _MEMBERSHIP.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and "cpu" not in controllers.split(","):
                continue
            root = _GROUPS / "cpu" if controllers else _GROUPS  # version 1 has a tree for each controller
            group = root / path.lstrip("/")
            yield from (folder for folder in (group, *group.parents) if folder.is_relative_to(root))
