"""What cannot work is refused with one line that says what to set."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hotelmate import settings
from hotelmate.settings import SettingsError, load


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("HOTELMATE_", "PUSHER_", "CLOUDINARY_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_nothing_needs_to_be_set() -> None:
    found = load()
    assert (found.host, found.port) == ("127.0.0.1", 8000)
    assert found.database == "sqlite:///data/hotelmate.sqlite3"
    assert not found.pusher.is_configured
    assert found.pusher_hotel_channels == "public"
    assert found.pusher_booking_channels == "both"


def test_the_demo_counts_wrong_passwords_only_unless_rates_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    usual, demo = load(), load(demo=True)
    assert usual.log_in_rate == demo.log_in_rate == "5/minute;30/hour"
    assert (usual.booking_rate, usual.upload_rate) == ("10/minute;60/hour", "60/minute")
    assert usual.change_rate == "1200/minute"
    assert {demo.booking_rate, demo.upload_rate, demo.change_rate} == {None}
    assert (usual.sockets_per_address, usual.sockets_per_actor) == (1_000, 100)
    assert demo.sockets_per_address == demo.sockets_per_actor == 10_000
    monkeypatch.setenv("HOTELMATE_DEMO", "1")
    monkeypatch.setenv("HOTELMATE_BOOKING_RATE", "1/hour")
    monkeypatch.setenv("HOTELMATE_SOCKETS_PER_ACTOR", "5")
    assert (load().booking_rate, load().sockets_per_actor, load().change_rate) == ("1/hour", 5, None)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"PUSHER_KEY": "k"}, "PUSHER_SECRET"),
        ({"PUSHER_KEY": "k", "PUSHER_SECRET": "s", "PUSHER_APP_ID": "1"}, "PUSHER_CLUSTER (or PUSHER_HOST)"),
        (
            {"PUSHER_KEY": "k", "PUSHER_SECRET": "s", "PUSHER_APP_ID": "x", "PUSHER_CLUSTER": "eu"},
            "PUSHER_APP_ID",
        ),
        ({"PUSHER_PORT": "1"}, "PUSHER_KEY"),
        ({"HOTELMATE_PORT": "http"}, "HOTELMATE_PORT"),
        ({"HOTELMATE_DATABASE_URL": "postgresql://u:p@h:abc/x"}, "HOTELMATE_DATABASE_URL"),
        ({"HOTELMATE_DATABASE_URL": "sqlite:///"}, "HOTELMATE_DATABASE_URL"),
        ({"HOTELMATE_DATABASE_URL": "sqlite:///:memory:"}, "HOTELMATE_DATABASE_URL"),
        ({"HOTELMATE_EVENT_RETENTION_DAYS": "inf"}, "HOTELMATE_EVENT_RETENTION_DAYS"),
        ({"HOTELMATE_SESSION_HOURS": "1e12"}, "HOTELMATE_SESSION_HOURS"),
        ({"HOTELMATE_STREAM_RING_SIZE": "10000000000000000000000"}, "HOTELMATE_STREAM_RING_SIZE"),
        ({"HOTELMATE_BOOKING_STATUS_URL": "{id.nope}"}, "HOTELMATE_BOOKING_STATUS_URL"),
        ({"HOTELMATE_PUBLIC_URL": "nonsense"}, "HOTELMATE_PUBLIC_URL"),
        ({"HOTELMATE_CORS_ORIGINS": "https://a.example, app.example"}, "HOTELMATE_CORS_ORIGINS"),
        ({"HOTELMATE_CORS_ORIGINS": "https://app.example/hotels"}, "HOTELMATE_CORS_ORIGINS"),
        ({"HOTELMATE_CORS_ORIGINS": "https://*.app.example"}, "HOTELMATE_CORS_ORIGINS"),
        ({"PUSHER_KEY": " "}, "PUSHER_KEY"),
        ({"HOTELMATE_PORT": "70000"}, "HOTELMATE_PORT"),
        ({"HOTELMATE_DATABASE_URL": "mysql://localhost/x"}, "HOTELMATE_DATABASE_URL"),
        ({"HOTELMATE_DEMO": "1", "HOTELMATE_HOST": "0.0.0.0"}, "HOTELMATE_HOST"),  # noqa: S104 - refused, or only told of
        ({"HOTELMATE_DEMO": "1", "HOTELMATE_HOST": "hotel.example"}, "HOTELMATE_HOST"),
        ({"HOTELMATE_SECRET_KEY": "short"}, "HOTELMATE_SECRET_KEY"),
        ({"HOTELMATE_CHANNELS_SECRET": "short"}, "HOTELMATE_CHANNELS_SECRET"),
        ({"HOTELMATE_CHANNELS_WEBHOOK_URL": "hooks.example"}, "HOTELMATE_CHANNELS_WEBHOOK_URL"),
        (
            {
                "HOTELMATE_CHANNELS_SUBSCRIPTION_COUNTS": "1",
                "PUSHER_APP_ID": "1",
                "PUSHER_KEY": "k",
                "PUSHER_SECRET": "s",
                "PUSHER_CLUSTER": "eu",
            },
            "HOTELMATE_CHANNELS_… or PUSHER_…",
        ),
        ({"HOTELMATE_MEDIA_MAX_BYTES": "10 MB"}, "HOTELMATE_MEDIA_MAX_BYTES"),
        ({"HOTELMATE_MEDIA_MAX_MEGAPIXELS": "0"}, "HOTELMATE_MEDIA_MAX_MEGAPIXELS"),
        ({"HOTELMATE_MEDIA_URL": "cdn.example"}, "HOTELMATE_MEDIA_URL"),
        ({"HOTELMATE_MEDIA_PREFIX": "../"}, "HOTELMATE_MEDIA_PREFIX"),
        ({"HOTELMATE_S3_BUCKET": "pictures"}, "HOTELMATE_MEDIA_URL"),
        ({"HOTELMATE_S3_ENDPOINT_URL": "https://s3.example"}, "HOTELMATE_S3_BUCKET"),
        (
            {
                "HOTELMATE_S3_BUCKET": "pictures",
                "HOTELMATE_MEDIA_URL": "https://cdn.example",
                "CLOUDINARY_URL": "cloudinary://1:planted-secret@hotel",
            },
            "HOTELMATE_S3_BUCKET or CLOUDINARY_URL",
        ),
        ({"CLOUDINARY_URL": "cloudinary://1:planted-secret"}, "CLOUDINARY_URL"),
        ({"CLOUDINARY_URL": "https://1:planted-secret@hotel"}, "CLOUDINARY_URL"),
        ({"HOTELMATE_PUSHER_HOTEL_CHANNELS": "secret"}, "HOTELMATE_PUSHER_HOTEL_CHANNELS"),
        ({"HOTELMATE_BOOKING_STATUS_URL": "https://x/{booking}"}, "HOTELMATE_BOOKING_STATUS_URL"),
    ],
)
def test_what_cannot_work_names_what_to_set_in_one_line(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], named: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load()
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "planted-secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("library", "extra", "environment"),
    [
        ("boto3", "s3", {"HOTELMATE_S3_BUCKET": "pictures", "HOTELMATE_MEDIA_URL": "https://cdn.example"}),
        ("cloudinary", "cloudinary", {"CLOUDINARY_URL": "cloudinary://1:secret@hotel"}),
    ],
)
def test_a_store_whose_library_is_missing_names_what_to_install(
    library: str, extra: str, environment: dict[str, str]
) -> None:
    without_library = (
        f"import sys; sys.modules[{library!r}] = None; from hotelmate.settings import load; load()"
    )
    refused = subprocess.run(
        [sys.executable, "-c", without_library],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"install hotelmate[{extra}]" in refused.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_the_demo_listens_on_loopback(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("HOTELMATE_DEMO", "1")
    monkeypatch.setenv("HOTELMATE_HOST", host)
    assert load().embedded_secret == "hotelmate-secret"


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "HOTELMATE_CORS_ORIGINS", "https://A.example, http://[::1]:5173/ ,capacitor://localhost,*,"
    )
    assert load().cors_origins == ("https://a.example", "http://[::1]:5173", "capacitor://localhost", "*")


def test_a_postgresql_address_uses_the_one_driver_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTELMATE_DATABASE_URL", "postgresql://me@db/hotels")
    assert load().database == "postgresql+psycopg://me@db/hotels"


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = load()
    key = first.derived_key("guest-tokens")
    path = tmp_path / "data" / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secret.key"]
    assert load().derived_key("guest-tokens") == key
    assert first.derived_key("channels-secret") != key
    path.unlink()
    assert load().derived_key("guest-tokens") != key


def test_a_secret_key_that_is_set_is_used_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTELMATE_SECRET_KEY", "planted-secret-of-a-hotel")
    found = load()
    assert "planted-secret" not in repr(found)
    assert found.derived_key("x") == load().derived_key("x")
    assert not Path("data").exists()


def test_the_key_before_is_known_beside_the_one_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTELMATE_SECRET_KEY", "planted-secret-of-before")
    before = load()
    assert before.derived_keys("x") == (before.derived_key("x"),)
    assert before.embedded_previous_secret is None
    monkeypatch.setenv("HOTELMATE_SECRET_KEY", "planted-secret-of-today")
    monkeypatch.setenv("HOTELMATE_PREVIOUS_SECRET_KEY", "planted-secret-of-before")
    today = load()
    assert today.derived_keys("x") == (today.derived_key("x"), before.derived_key("x"))
    assert today.derived_key("x") != before.derived_key("x")
    assert today.embedded_previous_secret == before.embedded_secret != today.embedded_secret
    assert "planted-secret" not in repr(today)
    # A secret that is set by itself is replaced by itself.
    monkeypatch.setenv("HOTELMATE_CHANNELS_SECRET", "planted-secret-of-the-channels")
    assert load().embedded_previous_secret is None
    monkeypatch.setenv("HOTELMATE_CHANNELS_PREVIOUS_SECRET", "planted-secret-of-the-channels-before")
    assert load().embedded_previous_secret == "planted-secret-of-the-channels-before"
    assert "planted-secret" not in repr(load())


def test_the_embedded_servers_secret_is_public_in_the_demo_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().embedded_secret != settings.DEMO_EMBEDDED_SECRET
    monkeypatch.setenv("HOTELMATE_DEMO", "1")
    assert load().embedded_secret == settings.DEMO_EMBEDDED_SECRET


@pytest.mark.parametrize("content", [b"", b"short"])
def test_a_damaged_secret_key_is_refused_rather_than_signed_with(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "data" / "secret.key"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"secret\.key"):
        load().derived_key("guest-tokens")
    path.unlink()
    path.mkdir()
    with pytest.raises(SettingsError, match="HOTELMATE_DATA_DIR"):
        load().derived_key("guest-tokens")
