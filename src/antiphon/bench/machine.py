"""The machine a bench ran on, and what a process of it uses: read from the operating system, Linux's /proc first."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Machine:
    """What the figures depend on."""

    cores: int
    processor: str
    system: str
    python: str
    memory_mb: int | None
    load_1m: float | None
    "Load average of the last minute; our own work is in it."
    load_5m: float | None


def machine() -> Machine:
    """This machine, now."""
    try:
        load_1m, load_5m, _ = os.getloadavg()
        loads: tuple[float | None, float | None] = (round(load_1m, 2), round(load_5m, 2))
    except OSError:
        loads = (None, None)
    return Machine(
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        processor=_processor(),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        memory_mb=_memory_mb(),
        load_1m=loads[0],
        load_5m=loads[1],
    )


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process and its descendants have used."""

    cpu_s: float
    "Seconds of processor time, in user and kernel, since the start; of ended children as well."
    rss_mb: float
    "Resident memory of those that live, MiB. Pages that they share count for each."


def usage(pid: int) -> Usage | None:
    """What the process `pid` and those it started have used; None where the system does not tell."""
    family = family(pid)
    if not family:
        return None
    tick = os.sysconf("SC_CLK_TCK")
    page = os.sysconf("SC_PAGE_SIZE")
    cpu = rss = 0
    for member in family:
        try:
            fields = (PROC / str(member) / "stat").read_text().rpartition(")")[2].split()
            rss += int((PROC / str(member) / "statm").read_text().split()[1])
        except (OSError, IndexError):
            continue
        cpu += sum(map(int, fields[11:15]))
    return Usage(cpu / tick, rss * page / 2**20)


def family(pid: int) -> list[int]:
    """`pid` and its living descendants; empty when there is no such process or no /proc."""
    found = [pid] if (PROC / str(pid) / "stat").exists() else []
    for parent in found:
        for task in (PROC / str(parent) / "task").glob("*/children"):
            try:
                found += map(int, task.read_text().split())
            except OSError:
                continue
    return found


def _processor() -> str:
    try:
        lines = (PROC / "cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _memory_mb() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    except (ValueError, OSError):
        return None
