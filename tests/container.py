"""The image, built and run for real: `python3 tests/container.py`, with docker, podman or buildah.

It builds the Dockerfile, starts the image as its own user with a read-only file system and one
volume, asks its health check, writes, stops it (SIGTERM) while clients read and write, starts it
again over the same volume, and holds that nothing that was answered is lost. It needs Python and
an engine; buildah, which only builds, also needs root and util-linux, and runs by `chroot`.
Arguments are handed on to the engine's `build`.
"""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
IMAGE = "localhost/onrecord:tried"
USER = "10001:10001"
MOST_MEGABYTES = 80
"""What Onrecord and all that it needs may add to Debian and Python."""
PATIENCE = 60.0
"""Seconds in which the service must come up, and in which it must have gone."""
LOAD = 2.0
"""Seconds of load before the service is told to stop, and as long until that has been noticed."""


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(*command: str, **options: Any) -> str:
    """What a command prints; its failure ends all."""
    done = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **options)
    return str(done.stdout).strip()


def eventually(what: str, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE:.0f} seconds"
        time.sleep(0.2)


class Engine:
    """Docker, or podman, which takes the same words."""

    proxied = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.volume = f"onrecord-tried-{os.getpid()}"
        self.container = self.volume
        self.hardened = [
            *("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
            *("--volume", f"{self.volume}:/data"),
        ]

    def build(self, *arguments: str) -> None:
        subprocess.run([self.name, "build", *arguments, "-t", IMAGE, ROOT], check=True)

    def config(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(run(self.name, "inspect", IMAGE))[0]["Config"]
        return found

    def size(self) -> int:
        return int(run(self.name, "image", "inspect", "--format", "{{.Size}}", IMAGE))

    def once(self, *command: str, program: str = "onrecord") -> subprocess.CompletedProcess[str]:
        """A command of the image over the volume, to its end."""
        asked = [self.name, "run", "--rm", *self.hardened, "--entrypoint", program, IMAGE, *command]
        return subprocess.run(asked, check=False, text=True, capture_output=True)

    def start(self, port: int) -> None:
        place = f"127.0.0.1:{port}:8000"
        how = ["--detach", "--name", self.container, "--health-interval", "1s", "-p", place]
        run(self.name, "run", *how, *self.hardened, IMAGE)

    def healthy(self) -> bool:
        status = run(self.name, "inspect", "--format", "{{.State.Health.Status}}", self.container)
        return status == "healthy"

    def stop(self) -> int:
        """Send SIGTERM; the code with which the service ended."""
        run(self.name, "stop", "--time", str(int(PATIENCE)), self.container)
        code = int(run(self.name, "inspect", "--format", "{{.State.ExitCode}}", self.container))
        run(self.name, "rm", self.container)
        return code

    def close(self) -> None:
        for rest in (("rm", "--force", self.container), ("volume", "rm", self.volume)):
            subprocess.run([self.name, *rest], check=False, capture_output=True)


class Chroot(Engine):
    """Buildah: it mounts the image's files, which are run in by `chroot`, read-only."""

    proxied = False

    def __init__(self) -> None:
        super().__init__("buildah")
        self.data = Path(tempfile.mkdtemp(prefix="onrecord-"))
        os.chown(self.data, *map(int, USER.split(":")))
        self.files = ""
        self.serving: subprocess.Popen[str] | None = None

    def build(self, *arguments: str) -> None:
        # The docker format: OCI's has no health check.
        how = ["--format", "docker", "--layers=false", *arguments]
        subprocess.run(["buildah", "build", *how, "-t", IMAGE, ROOT], check=True)
        self.container = run("buildah", "from", "--pull-never", IMAGE)
        self.files = run("buildah", "mount", self.container)
        self.settings = self.config()

    def config(self) -> dict[str, Any]:
        found = json.loads(run("buildah", "inspect", "--type", "image", IMAGE))
        config: dict[str, Any] = found["Docker"]["config"]
        return config

    def size(self) -> int:
        return int(run("du", "-sb", "--exclude", f"{self.files}/data", self.files).split()[0])

    def _command(self, *command: str, **settings: str) -> list[str]:
        given = [*self.settings["Env"], *(f"{name}={value}" for name, value in settings.items())]
        steps = (
            'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"',
            'mount --bind "$1" "$0/data" && mount --rbind /dev "$0/dev"',
            f'shift && exec chroot --userspec={USER} "$0" /usr/bin/env -i -C /data "$@"',
        )
        inside = ["sh", "-c", " && ".join(steps), self.files, str(self.data)]
        return ["unshare", "--mount", *inside, *given, *command]

    def once(self, *command: str, program: str = "onrecord") -> subprocess.CompletedProcess[str]:
        asked = self._command(program, *command)
        return subprocess.run(asked, check=False, text=True, capture_output=True)

    def start(self, port: int) -> None:
        self.port = port
        command = [*self.settings["Entrypoint"], *self.settings["Cmd"]]
        self.serving = subprocess.Popen(
            self._command(*command, ONRECORD_PORT=str(port)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def healthy(self) -> bool:
        first, *test = self.settings["Healthcheck"]["Test"]
        assert first == "CMD"
        command = self._command(*test, ONRECORD_PORT=str(self.port))
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def stop(self) -> int:
        assert self.serving
        self.serving.terminate()
        return self.serving.wait(PATIENCE)

    def close(self) -> None:
        if self.serving and self.serving.poll() is None:
            self.serving.kill()
            self.serving.wait()
        if self.files:
            run("buildah", "umount", self.container)
            run("buildah", "rm", self.container)
        shutil.rmtree(self.data)


@contextmanager
def engine() -> Iterator[Engine]:
    for name in ("docker", "podman"):  # the program may be there, and its service not
        if (
            shutil.which(name)
            and not subprocess.run([name, "info"], capture_output=True).returncode
        ):
            found = Engine(name)
            break
    else:
        assert shutil.which("buildah"), "there is no docker, podman or buildah"
        found = Chroot()
    try:
        yield found
    finally:
        found.close()


class Client(threading.Thread):
    """Writes, or reads, without a break on one connection until the service is gone.

    A proxy before the service, as docker has one, takes connections for a moment when nobody
    listens behind it any more: the first request on such a connection was never taken.
    """

    def __init__(self, port: int, name: str, key: str | None, *, proxied: bool) -> None:
        super().__init__()
        self.port, self.id, self.key, self.proxied = port, name, key, proxied
        self.answered = 0
        self.lost: list[str] = []
        self.written: list[str] = []

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with suppress(ConnectionRefusedError):  # nobody listens any more, as it should be
            while True:
                fresh = connection.sock is None  # or closed after an answer that said so
                if fresh:
                    connection.connect()
                if not self._ask(connection) and fresh and self.proxied:
                    self.lost.pop()
                    return

    def _ask(self, connection: http.client.HTTPConnection) -> bool:
        """One request; whether it was answered."""
        id = f"{self.id}-{self.answered}"
        try:
            if self.key:
                headers = {
                    "Authorization": f"Bearer {self.key}",
                    "Content-Type": "application/json",
                }
                body = json.dumps({"id": id, "kind": "group", "name": id})
                connection.request("POST", "/v1/actors", body, headers)
            else:
                connection.request("GET", f"/v1/statements?limit=5&q={self.answered}")
        except (BrokenPipeError, ConnectionResetError):
            connection.close()  # closed between two requests: this one was never taken
            return True
        try:
            answer = connection.getresponse()
            answer.read()
        except (ConnectionError, http.client.HTTPException) as error:
            self.lost.append(f"{id}: {type(error).__name__}")
            connection.close()
            return False
        self.answered += 1
        if self.key and answer.status == 201:
            self.written.append(id)
        elif answer.status not in (200, 201):
            self.lost.append(f"{id}: {answer.status}")
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
        return str(answer.read().decode())


def ready(port: int) -> bool:
    with suppress(OSError, http.client.HTTPException):
        return '"ok"' in get(port, "/readyz")
    return False


def check(tried: Engine, arguments: Sequence[str]) -> None:
    """All that the image promises, each thing told as it is found to hold."""
    tried.build(*arguments)
    kilobytes = tried.once("-sk", "--apparent-size", "/opt/onrecord", program="du").stdout.split()[
        0
    ]
    own = int(kilobytes) * 1024 / 1e6
    tell(f"built: {tried.size() / 1e6:.0f} MB, of which {own:.0f} MB on top of Debian and Python")
    assert own < MOST_MEGABYTES, f"more than {MOST_MEGABYTES} MB"
    assert tried.config()["User"] == USER

    port = free_port()
    tried.start(port)
    eventually("readiness", lambda: ready(port))
    eventually("health", tried.healthy)
    tell("served as 10001 from a read-only file system; the health check holds")
    assert tried.once("-c", "touch /data/x && rm /data/x", program="sh").returncode == 0
    assert tried.once("-c", "touch /opt/x || touch /tmp/x", program="sh").returncode
    assert '"items":[{"as_worded":' in get(port, "/v1/figures?fields=as_worded")
    assert "What to do" in get(port, "/problems/gone")

    made = tried.once("keys", "create", "tried", "--scopes", "read,write")
    key = made.stdout.strip()
    assert key.startswith("onr_"), made.stderr
    clients = [Client(port, f"reader-{n}", None, proxied=tried.proxied) for n in range(4)]
    clients += [Client(port, f"writer-{n}", key, proxied=tried.proxied) for n in range(4)]
    for client in clients:
        client.start()
    time.sleep(LOAD)
    code = tried.stop()
    for client in clients:
        client.join()
    lost = [one for client in clients for one in client.lost]
    written = [one for client in clients for one in client.written]
    answered = sum(client.answered for client in clients)
    tell(f"stopped under load with code {code}: {answered} requests answered, {len(lost)} lost")
    assert not lost, lost[:5]
    assert code in (0, 143, -15), code
    assert written

    tried.start(port)
    eventually("readiness", lambda: ready(port))
    for id in written:
        assert id in get(port, f"/v1/actors/{id}")
    tell(f"started again: all {len(written)} records written under load are there")
    verified = tried.once("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    tell(verified.stdout.strip())
    assert tried.stop() in (0, 143, -15)


if __name__ == "__main__":
    with engine() as found:
        check(found, sys.argv[1:])
    tell("All of it holds.")
