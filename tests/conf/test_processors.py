"""How many processors a process may use."""

import os
from pathlib import Path

import pytest

from conf import processors
from conf.processors import count_processors

CORES = 64
V2 = "0::/\n"
SERVICE = "0::/system.slice/amoeba.service\n"
V1 = "3:memory:/docker/4f\n2:cpu,cpuacct:/docker/4f\n1:cpuset:/docker/4f\n"


def quota(microseconds: int, folder: str = "cpu") -> dict[str, str]:
    """The files of version 1: a quota and its period."""
    return {f"{folder}/cpu.cfs_quota_us": f"{microseconds}\n", f"{folder}/cpu.cfs_period_us": "100000\n"}


@pytest.mark.parametrize(
    ("membership", "limits", "expected"),
    [
        pytest.param(V2, {}, CORES, id="no limit"),
        pytest.param(V2, {"cpu.max": "max 100000"}, CORES, id="an unlimited quota"),
        pytest.param(V2, {"cpu.max": "200000 100000"}, 2, id="a container's"),
        pytest.param(V2, {"cpu.max": "25000 5000"}, 5, id="another period"),
        pytest.param(V2, {"cpu.max": "190000 100000"}, 1, id="parts of a processor do not count"),
        pytest.param(V2, {"cpu.max": "50000 100000"}, 1, id="less than a processor is one"),
        pytest.param(V2, {"cpu.max": "9900000 100000"}, CORES, id="more than there are"),
        pytest.param(V2, {"cpu.max": "much"}, CORES, id="unreadable"),
        pytest.param(V2, {"cpu.max": "100000 0"}, CORES, id="no period"),
        pytest.param(SERVICE, {"system.slice/amoeba.service/cpu.max": "300000 100000"}, 3, id="a service's"),
        pytest.param(
            SERVICE,
            {"system.slice/amoeba.service/cpu.max": "max 100000", "system.slice/cpu.max": "400000 100000"},
            4,
            id="a slice's",
        ),
        pytest.param(
            SERVICE,
            {
                "system.slice/amoeba.service/cpu.max": "800000 100000",
                "system.slice/cpu.max": "400000 100000",
                "cpu.max": "600000 100000",
            },
            4,
            id="the smallest of all",
        ),
        pytest.param(SERVICE, {"other.slice/cpu.max": "100000 100000"}, CORES, id="not another group's"),
        pytest.param(V1, quota(200000, "cpu/docker/4f"), 2, id="version 1, on the host"),
        pytest.param(V1, quota(200000), 2, id="version 1, in the container"),
        pytest.param(V1, quota(-1), CORES, id="version 1, unlimited"),
        pytest.param(V1 + V2, quota(300000), 3, id="both versions"),
        pytest.param("", {"cpu.max": "100000 100000"}, CORES, id="no control groups"),
    ],
)
def test_quotas_limit_the_processors(
    membership: str, limits: dict[str, str], expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(CORES)), raising=False)
    monkeypatch.setattr(processors, "_GROUPS", tmp_path / "groups")
    monkeypatch.setattr(processors, "_MEMBERSHIP", tmp_path / "membership")
    (tmp_path / "membership").write_text(membership)
    for name, limit in limits.items():
        (tmp_path / "groups" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "groups" / name).write_text(limit)
    assert count_processors() == expected


def test_affinity_limits_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {3, 5}, raising=False)
    monkeypatch.setattr(processors, "_MEMBERSHIP", tmp_path / "missing")  # as elsewhere than on Linux
    assert count_processors() == 2
