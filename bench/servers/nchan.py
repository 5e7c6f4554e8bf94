"""nginx with nchan, as Debian packages them: they are fetched and unpacked, not installed."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from time import monotonic, sleep
from typing import Self

from bench.cores import SERVER, on_core
from bench.load.frames import constant, payload_bytes, request
from bench.servers.process import CannotServe, add_what_was_said, cpu_seconds

SUBSCRIBE_PATH = "/subscribe"

_PACKAGES = ("nginx", "libnginx-mod-nchan")
_UNPACKED = Path(sys.prefix) / "nchan"
_START_SECONDS = 10
# One process, as HotelMate is one; everything that it writes goes into its own folder.
_CONFIGURATION = """
load_module {modules}/ngx_nchan_module.so;
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
worker_rlimit_nofile 20000;
events {{ worker_connections 12000; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {{
        listen 127.0.0.1:{port};
        location /subscribe {{ nchan_subscriber websocket; nchan_channel_id hotel; }}
        location /publish {{ nchan_publisher; nchan_channel_id hotel; nchan_message_buffer_length 1000; }}
    }}
}}
"""


class NotThere(Exception):
    """There is no nchan to be had on this machine; the message says why."""


class Nchan:
    """A running nginx, and the connection that events are published on."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, *, frame_bytes: int) -> None:
        """Connect to it; `frame_bytes` is how long its frames are to be."""
        self.port = port
        self._process = process
        self._publishing = socket.create_connection(("127.0.0.1", port))
        self._request = request("POST", "/publish", {}, constant(payload_bytes(frame_bytes)))

    @classmethod
    @contextmanager
    def run(cls, folder: Path, *, frame_bytes: int) -> Iterator[Self]:
        """Start it on the servers' core, and end it with the block.

        Raises:
            NotThere: the packages cannot be fetched.
        """
        unpacked = _fetch()
        with TemporaryDirectory(dir=folder) as prefix, TemporaryFile() as said:
            port = _free_port()
            configuration = _CONFIGURATION.format(modules=unpacked / "usr/lib/nginx/modules", port=port)
            Path(prefix, "nginx.conf").write_text(configuration)
            command: list[str | Path] = [unpacked / "usr/sbin/nginx", "-p", prefix, "-c", "nginx.conf"]
            with on_core(SERVER):
                process = subprocess.Popen(command, stderr=said)
            try:
                _wait_for(process, port)
                yield cls(process, port, frame_bytes=frame_bytes)
            except Exception as error:
                add_what_was_said(error, said, "nginx")
                raise
            finally:
                process.kill()
                process.wait()

    @property
    def cpu_seconds(self) -> float:
        """How long it has been computing."""
        return cpu_seconds(self._process.pid)

    def publish(self, count: int) -> None:
        """Have so many events happen."""
        with suppress(BlockingIOError):
            # What it says to each of them does not matter, but has to be taken.
            while self._publishing.recv(65536, socket.MSG_DONTWAIT):
                pass
        self._publishing.sendall(self._request * count)

    rehearse = publish


def _fetch() -> Path:
    """Return where the packages are unpacked."""
    if not _UNPACKED.exists():
        if shutil.which("apt-get") is None:
            raise NotThere("no apt-get")
        with TemporaryDirectory() as folder:
            for command in (
                ["apt-get", "download", "--quiet", *_PACKAGES],
                *(["dpkg-deb", "--extract", f"{package}_*.deb", "nchan"] for package in _PACKAGES),
            ):
                _run(command, Path(folder))
            shutil.move(Path(folder, "nchan"), _UNPACKED)
    return _UNPACKED


def _run(command: list[str], folder: Path) -> None:
    named = [str(next(folder.glob(word))) if "*" in word else word for word in command]
    done = subprocess.run(named, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotThere(f"{command[0]}: {done.stderr.strip().splitlines()[-1]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = monotonic() + _START_SECONDS
    while process.poll() is None and monotonic() < deadline:
        with suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        sleep(0.05)
    raise CannotServe
