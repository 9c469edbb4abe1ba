"""What a process may use up, laid on by the process itself before it touches a stranger's file.

Run as a module it confines itself and then becomes another program, which keeps the limits.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from dataclasses import dataclass

if sys.platform != "win32":
    import resource

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET
_NO_NEW_PRIVILEGES = 38  # PR_SET_NO_NEW_PRIVS


@dataclass(frozen=True)
class Limits:
    """What a process may use.

    Attributes
    ----------
    memory : int
        Bytes of memory of its own. Programs and libraries mapped from disk, which are shared, do not count.
    written : int
        Bytes of the longest file it may write.
    seconds : int
        Seconds of processor time from now on.
    processes : bool
        Whether it may start others.
    """

    memory: int
    written: int
    seconds: int
    processes: bool = False


def confine(limits: Limits) -> bool:
    """Lay the limits on this process for good, and cut it off from the network.

    Returns
    -------
    bool
        Whether the network is cut off; the kernel may not allow it.
    """
    cut = _cut_network()
    if sys.platform != "win32":
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_DATA, limits.memory)
        _limit(resource.RLIMIT_FSIZE, limits.written)
        if not limits.processes:
            _limit(resource.RLIMIT_NPROC, 0)
        allow_seconds(limits.seconds)
    return cut


def allow_seconds(seconds: int) -> None:
    """Allow this process so many more seconds of processor time; the system ends it after that."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


def _limit(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    with contextlib.suppress(OSError, ValueError):  # some systems know no limit of this kind
        resource.setrlimit(kind, (most, most))


def _cut_network() -> bool:
    """Move into a network of one's own with nothing in it: as root directly, else as root of oneself."""
    if not sys.platform.startswith("linux"):
        return False
    kernel = ctypes.CDLL(None, use_errno=True)
    kernel.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return any(kernel.unshare(flags) == 0 for flags in (_NEW_NETWORK, _NEW_USER | _NEW_NETWORK))


if __name__ == "__main__":
    _memory, _written, _seconds = map(int, sys.argv[1:4])
    confine(Limits(_memory, _written, _seconds, processes=True))
    os.execv(sys.argv[4], sys.argv[4:])
