"""Servers: a standalone Spark master and its workers, on loopback alone."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestration.home import NotReadyError
from orchestration.servers import free_port, stop, wait_until_open

LOOPBACK = "127.0.0.1"
JAVA = 17  # the least that Spark 4 runs on
_READY_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running master and its workers, each a group of processes of its own."""

    master: str
    workers: tuple["subprocess.Popen[bytes]", ...]

    def kill(self, number: int) -> int:
        """Kill a worker and its executors with SIGKILL; return its process id."""
        process = self.workers[number]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return process.pid


def java() -> str:
    """Return the Java that Spark will run on.

    Raises:
        NotReadyError: there is none, or it is too old.
    """
    home = os.environ.get("JAVA_HOME")
    found = f"{home}/bin/java" if home else shutil.which("java")
    wish = (
        f"Spark needs Java {JAVA} or newer: install it (Debian: apt install"
        f" openjdk-{JAVA}-jre-headless), or name it in JAVA_HOME."
    )
    if found is None:
        raise NotReadyError(f"No java was found. {wish}")
    try:
        told = subprocess.run(
            [found, "-version"], capture_output=True, text=True, check=True
        ).stderr
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotReadyError(f"{found} does not run ({error}). {wish}") from error
    version = told.split('"')[1] if '"' in told else "0"
    if not version.split(".")[0].isdigit() or int(version.split(".")[0]) < JAVA:
        raise NotReadyError(f"{found} is version {version}. {wish}")
    return found


@contextmanager
def cluster(venv: Path, work: Path, workers: int) -> Iterator[Cluster]:
    """Start a master and workers; all end with the block.

    Args:
        venv: where PySpark is installed.
        work: for logs and what executors write down.
        workers: how many, of one core and one gigabyte each.

    Raises:
        NotReadyError: the master did not come up.
    """
    start = _Start(venv, work)
    port = free_port(0)
    with ExitStack() as running:
        master = start("master.Master", "--port", str(port), name="master")
        running.callback(stop, master)
        if not wait_until_open(port, master, _READY_SECONDS):
            raise NotReadyError(
                f"The Spark master did not start; its log: {work / 'master.log'}"
            )
        url = f"spark://{LOOPBACK}:{port}"
        started = []
        for number in range(workers):
            name = f"worker-{number + 1}"
            place = ("--work-dir", str(work / name))
            size = ("--cores", "1", "--memory", "1200m")
            worker = start("worker.Worker", *place, *size, url, name=name)
            running.callback(stop, worker)
            started.append(worker)
        yield Cluster(url, tuple(started))


@dataclass(frozen=True, slots=True)
class _Start:
    venv: Path
    work: Path

    def __call__(
        self, kind: str, *arguments: str, name: str
    ) -> "subprocess.Popen[bytes]":
        """Start one of Spark's daemons in the foreground of a session of its own."""
        self.work.mkdir(parents=True, exist_ok=True)
        (home,) = self.venv.glob("lib/python*/site-packages/pyspark")
        with (self.work / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [
                    str(home / "bin" / "spark-class"),
                    f"org.apache.spark.deploy.{kind}",
                    *("--host", LOOPBACK, "--webui-port", "0"),
                    *arguments,
                ],
                env=environment(self.venv, home),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def environment(venv: Path, home: Path | None = None) -> Mapping[str, str]:
    """Return the environment of Spark's processes: nothing but loopback is bound."""
    if home is None:
        (home,) = venv.glob("lib/python*/site-packages/pyspark")
    # PYTHONPATH would lead Spark's Python to the packages of the house.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {
        **kept,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_DAEMON_MEMORY": "256m",
        # Nobody submits over HTTP, and its port is always the same one.
        "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
        "PYSPARK_PYTHON": str(venv / "bin" / "python"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
