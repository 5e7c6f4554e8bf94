"""The image and the composition, as far as they can be tried without a container engine.

The image's own commands run as it would run them, on nothing but what it is given; the proxy is nginx itself.
"""

import ast
import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from hotelmate.settings import Settings, load
from tests.left_out import leave_out
from tests.server import Server, clean_environment

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSITION: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSITION["services"]


def instructions(stage: int) -> list[tuple[str, str]]:
    """The instructions of a stage of the image, by name and argument."""
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    stages = re.split(r"^FROM .*$", "\n".join(lines), flags=re.MULTILINE)[1:]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in stages[stage].strip().splitlines()]


def of_the_image(name: str) -> str:
    """The argument of the image's one instruction of this name."""
    [argument] = [argument for each, argument in instructions(-1) if each == name]
    return argument


def test_the_image_is_not_root_and_its_data_is_its_own() -> None:
    user, group = of_the_image("USER").split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert f"--owner={user} --group={group} --mode=0700 {of_the_image('VOLUME')}" in of_the_image("RUN")
    assert f"HOTELMATE_DATA_DIR={of_the_image('VOLUME')}" in of_the_image("ENV")


def test_the_image_installs_what_the_lock_says_as_make_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    from_the_lock, itself = [argument for name, argument in instructions(1) if name == "RUN"][1:]
    assert from_the_lock.replace(" --no-cache-dir", "") == (
        "pip install --require-hashes --requirement requirements/run.lock"
    )
    assert "install --quiet --require-hashes --requirement requirements/run.lock" in makefile
    assert itself.replace(" --no-cache-dir", "") == "pip install --no-deps --no-build-isolation ."
    assert "install --quiet --no-deps --no-build-isolation --editable ." in makefile


def test_all_that_the_package_imports_is_in_the_image() -> None:
    """What runs the tests has more, so that they alone would not notice."""
    locked = re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / "run.lock").read_text(), re.MULTILINE)
    owners = packages_distributions()
    missing = set()
    for path in (ROOT / "hotelmate").rglob("*.py"):
        for name in imported_by(path) - sys.stdlib_module_names - {"hotelmate"}:
            if not {owner.lower().replace("_", "-") for owner in owners[name]} & set(locked):
                missing.add((str(path.relative_to(ROOT / "hotelmate")), name))
    optional = {("media/storage/s3.py", "boto3"), ("media/storage/s3.py", "botocore")}
    assert missing == {*optional, ("media/storage/cloudinary.py", "cloudinary")}


def imported_by(path: Path) -> set[str]:
    """The top-level modules that a file names in its imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, installed from nothing but the files that the image is given."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("installed")
    copied = [argument for name, argument in instructions(1) if name == "COPY" and "--from" not in argument]
    for argument in copied:
        *names, to = argument.split()
        for name in names:
            if name.endswith("/"):
                ignored = shutil.ignore_patterns("static", "__pycache__")
                shutil.copytree(ROOT / name, source / to, ignore=ignored)
            else:
                (source / to).mkdir(exist_ok=True)
                shutil.copy(ROOT / name, source / to)
    # What the stage `pages` leaves; that the pages can be built is shown elsewhere.
    pages = source / "hotelmate" / "web" / "static"
    pages.mkdir()
    (pages / "landing.html").write_text("<title>HotelMate</title>")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation")
    subprocess.run([*pip, "--target", target, source], check=True, capture_output=True)
    return target


@pytest.mark.timeout(180)
async def test_the_images_commands_serve_and_say_that_they_are_well(installed: Path, tmp_path: Path) -> None:
    entry = json.loads(of_the_image("ENTRYPOINT"))
    port = Server(tmp_path, {}).port
    environment = clean_environment() | {
        "PYTHONPATH": str(installed),
        "PATH": f"{installed / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        **dict(pair.split("=") for pair in of_the_image("ENV").split() if not pair.startswith("PATH=")),
        "HOTELMATE_DATA_DIR": str(tmp_path / "data"),
        "HOTELMATE_PORT": str(port),
    }
    process = await asyncio.create_subprocess_exec(
        *entry,
        *json.loads(of_the_image("CMD")),
        cwd=tmp_path,
        env=environment,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        check = json.loads(of_the_image("HEALTHCHECK").partition(" CMD ")[2])
        there = [word.replace("127.0.0.1:8000", f"127.0.0.1:{port}") for word in check]
        assert there != check
        async with asyncio.timeout(60):
            while await is_well(there, environment) is not True:
                assert process.returncode is None, await process.stderr.read() if process.stderr else None
                await asyncio.sleep(0.2)
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}/") as response,
        ):
            assert await response.text() == "<title>HotelMate</title>"
    finally:
        process.terminate()
        await process.wait()
    assert not await is_well(there, environment)


async def is_well(check: list[str], environment: dict[str, str]) -> bool:
    process = await asyncio.create_subprocess_exec(*check, env=environment, stderr=asyncio.subprocess.DEVNULL)
    return await process.wait() == 0


def test_the_composition_is_one_by_the_specification(tmp_path: Path) -> None:
    """By the schema of the Compose Specification, which `check-jsonschema` brings along."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run([*command, ROOT / "compose.yaml"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    wrong = tmp_path / "compose.yaml"
    wrong.write_text((ROOT / "compose.yaml").read_text().replace("depends_on:", "depends-on:"))
    assert subprocess.run([*command, wrong], capture_output=True, check=False).returncode == 1


def test_the_composition_is_whole() -> None:
    for name, service in SERVICES.items():
        assert {"image"} <= service.keys(), name
        for needed, condition in service.get("depends_on", {}).items():
            assert needed in SERVICES, (name, needed)
            if condition["condition"] == "service_healthy":
                has_check = "healthcheck" in SERVICES[needed] or "build" in SERVICES[needed]
                assert has_check, (name, needed)
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSITION["volumes"] or (ROOT / source).exists(), (name, volume)
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["proxy"]["ports"])


def test_what_the_composition_sets_are_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in SERVICES["first"]["environment"].items():
        # `${NAME:-default}` is the default, `${NAME:?why}` something that is asked for.
        filled = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:\?[^}]*\}", "something-that-was-asked-for", filled))
    monkeypatch.setenv("HOTELMATE_DATA_DIR", str(tmp_path))
    settings = load()
    assert settings.origin == "http://127.0.0.1:8080"
    assert (
        settings.database == "postgresql+psycopg://hotelmate:something-that-was-asked-for@database/hotelmate"
    )
    assert set(SERVICES["first"]["environment"]) <= {
        f"HOTELMATE_{name.upper()}" for name in Settings.model_fields
    }


def test_the_processes_of_the_composition_share_what_they_must() -> None:
    first, second = SERVICES["first"], SERVICES["second"]
    assert first == second
    environment = first["environment"]
    assert environment["HOTELMATE_DATABASE_URL"].startswith("postgresql://hotelmate:")
    assert environment["HOTELMATE_REDIS_URL"] == "redis://redis:6379/0"
    assert "HOTELMATE_SECRET_KEY" in environment
    (network,) = COMPOSITION["networks"]["default"]["ipam"]["config"]
    assert environment["HOTELMATE_TRUSTED_PROXIES"] == network["subnet"] == "172.30.73.0/24"
    assert "command" not in first, "it serves, as the image does by itself"
    assert SERVICES["upgrade"]["command"] == ["db", "upgrade"]
    assert first["depends_on"]["upgrade"] == {"condition": "service_completed_successfully"}


@asynccontextmanager
async def proxy(folder: Path, *servers: Server) -> AsyncIterator[str]:
    """Run nginx as the composition configures it, in front of these servers; yield its address."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        leave_out("nginx (apt-get install nginx-light)")
    port = Server(folder, {}).port
    configuration = (ROOT / "deploy" / "nginx.conf").read_text()
    for name, server in zip(("first", "second"), servers, strict=True):
        assert configuration.count(f"{name}:8000") == 1
        configuration = configuration.replace(f"{name}:8000", f"127.0.0.1:{server.port}")
    configuration = configuration.replace("listen 8080", f"listen 127.0.0.1:{port}")
    # Where the image has folders of its own for these.
    paths = [
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    ]
    configuration = configuration.replace("http {", "http {\n" + "\n".join(paths))
    path = folder / "nginx.conf"
    path.write_text(f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n{configuration}")
    command = [nginx, "-c", str(path), "-e", str(folder / "error.log"), "-g", "daemon off;"]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(20):
            while not await answers(f"{url}/readyz"):
                assert process.returncode is None, await process.stderr.read() if process.stderr else None
                await asyncio.sleep(0.05)
        yield url
    finally:
        process.terminate()
        await process.wait()


async def answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return response.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def test_the_proxy_lets_everything_through_and_nothing_wait(server: Server, tmp_path: Path) -> None:
    """One server stands in for both: what they share is tested in tests/processes."""
    headers = {"Authorization": "Token demo-anna"}
    (tmp_path / "proxy").mkdir()
    async with proxy(tmp_path / "proxy", server, server) as url, aiohttp.ClientSession() as session:
        now = await server.data('{ hotel(slug: "killarney") { cursor } }')
        stream = {
            "query": "subscription ($after: String) { clockStatus(after: $after) { firstName } }",
            "variables": {"after": now["hotel"]["cursor"]},
        }
        as_events = {**headers, "Accept": "text/event-stream"}
        async with (
            session.post(f"{url}/graphql", json=stream, headers=as_events) as events,
            session.ws_connect(f"{url}/graphql", protocols=["graphql-transport-ws"]) as graphql,
            session.ws_connect(f"{url}/app/hotelmate-key?protocol=7") as pusher,
        ):
            await graphql.send_json(
                {"type": "connection_init", "payload": {"authorization": "Token demo-anna"}}
            )
            assert (await graphql.receive_json(timeout=20))["type"] == "connection_ack"
            await graphql.send_json({"id": "1", "type": "subscribe", "payload": stream})
            assert (await pusher.receive_json(timeout=20))["event"] == "pusher:connection_established"
            await pusher.send_json({"event": "pusher:subscribe", "data": {"channel": "hotel-killarney"}})
            assert (await pusher.receive_json(timeout=20))["event"].endswith("subscription_succeeded")
            await server.data("mutation { toggleClock { action } }", token="demo-anna")
            assert (await graphql.receive_json(timeout=20))["type"] == "next"
            assert (await pusher.receive_json(timeout=20))["event"] == "clock-status-updated"
            async with asyncio.timeout(20):
                async for line in events.content:
                    if line.startswith(b"data:") and b"Anna" in line:
                        break
        assert not await answers(f"{url}/metrics")
        assert await answers(f"{server.url}/metrics")
