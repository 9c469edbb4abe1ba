"""The web server of development and small installations: gunicorn with threads in one process, which also does the jobs."""

from __future__ import annotations

from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

THREADS = 8


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    """Serves the platform until it is ended.

    Parameters
    ----------
    host, port : str, int
        Where it listens.
    works : bool
        Whether its process also does the jobs, in a thread.
    """

    def __init__(self, host: str, port: int, *, works: bool = True) -> None:
        self._options: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            "timeout": 120,
            "graceful_timeout": 20,
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        if works:
            self._options |= {"post_worker_init": _begin_work, "worker_exit": _end_work}
        super().__init__()

    def load_config(self) -> None:
        """Take the options that this gunicorn knows."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the platform."""
        from xinzhi.site.wsgi import application

        return application


def _begin_work(process: Any) -> None:
    from xinzhi.campaign.jobs.queue import Worker

    process.xinzhi_jobs = Worker()
    process.xinzhi_jobs.start()


def _end_work(_arbiter: Any, process: Any) -> None:
    process.xinzhi_jobs.stop()
    process.xinzhi_jobs.join(10)
