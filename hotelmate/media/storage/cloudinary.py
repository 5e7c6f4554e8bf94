"""Pictures at Cloudinary, each width an asset of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import cloudinary.api
import cloudinary.uploader

from hotelmate.media import names
from hotelmate.media.storage.base import Location, failing_as_unavailable, name_below

_TIMEOUT_SECONDS = 20
_LISTED_AT_ONCE = 500
_REMOVED_AT_ONCE = 100


class CloudinaryStorage:
    """Stores files as images whose public ids begin with `prefix`.

    Args:
        account: `cloudinary://KEY:SECRET@CLOUD`, possibly with the library's options as its query.
        prefix: ends with a slash.
        public_url: what urls begin with in place of Cloudinary's own address.

    Source:
        Limits of one call: Cloudinary docs, "Admin API", resources and delete_resources.
    """

    def __init__(self, account: str, *, prefix: str, public_url: str | None) -> None:
        parts = urlsplit(account)
        self._options: dict[str, Any] = {
            "cloud_name": parts.hostname,
            "api_key": parts.username,
            "api_secret": parts.password,
            "timeout": _TIMEOUT_SECONDS,
            **dict(parse_qsl(parts.query)),
        }
        self._prefix = prefix
        # A public id with a slash needs a version before it, or its first part passes for a transformation.
        own_address = f"https://res.cloudinary.com/{parts.hostname}/image/upload/v1"
        self._public_url = public_url or own_address

    def put(self, name: str, content: bytes) -> Location:
        """See Storage."""
        # The library raises a plain Exception for statuses that it does not know.
        with failing_as_unavailable(Exception):
            self._upload(name, (name, content))
        return self._location(name)

    def renew(self, name: str) -> Location | None:
        """See Storage.

        Source:
            Only an upload makes a new version: Cloudinary support, "What are image versions". A url can be
            uploaded as well as a file: Cloudinary docs, "Upload API reference".
        """
        with failing_as_unavailable(Exception):
            found = self._found([name])
            if not found or self._name(found[0]) != name:
                return None
            self._upload(name, found[0]["secure_url"])
        return self._location(name)

    def name_at(self, url: str) -> str | None:
        """See Storage."""
        return name_below([f"{self._public_url}/{self._prefix.rstrip('/')}"], url)

    def names(self) -> list[str]:
        """See Storage."""
        found: list[str] = []
        cursor = None
        with failing_as_unavailable(Exception):
            while True:
                page = cloudinary.api.resources(
                    type="upload",
                    prefix=self._prefix,
                    max_results=_LISTED_AT_ONCE,
                    next_cursor=cursor,
                    **self._options,
                )
                found += filter(names.is_name, map(self._name, page["resources"]))
                cursor = page.get("next_cursor")
                if cursor is None:
                    return found

    def remove(self, candidates: Sequence[str], *, put_before: datetime) -> list[str]:
        """See Storage."""
        removed: list[str] = []
        with failing_as_unavailable(Exception):
            for start in range(0, len(candidates), _REMOVED_AT_ONCE):
                removed += self._remove_old(candidates[start : start + _REMOVED_AT_ONCE], put_before)
        return removed

    def _remove_old(self, candidates: Sequence[str], put_before: datetime) -> list[str]:
        """Remove what is old of the files that fit into one call.

        Source:
            A version is the UNIX time of the last upload: Cloudinary support, "What are image versions".
        """
        found = self._found(candidates)
        old = [each for each in found if each["version"] < put_before.timestamp()]
        if old:
            old_ids = [each["public_id"] for each in old]
            cloudinary.api.delete_resources(old_ids, invalidate=True, **self._options)
        return list(map(self._name, old))

    def _upload(self, name: str, file: object) -> None:
        public_id = self._public_id(name)
        options = {"public_id": public_id, "overwrite": True, "resource_type": "image", **self._options}
        cloudinary.uploader.upload(file, **options)

    def _found(self, candidates: Sequence[str]) -> list[dict[str, Any]]:
        """What Cloudinary knows of up to so many files as fit into one call; nothing of those not there."""
        public_ids = list(map(self._public_id, candidates))
        found = cloudinary.api.resources_by_ids(public_ids, max_results=_REMOVED_AT_ONCE, **self._options)
        resources: list[dict[str, Any]] = found["resources"]
        return resources

    def _location(self, name: str) -> Location:
        return Location(f"{self._public_url}/{self._prefix}{name}", self._public_id(name))

    def _public_id(self, name: str) -> str:
        return self._prefix + names.stem(name)

    def _name(self, resource: dict[str, Any]) -> str:
        return f"{resource['public_id'].removeprefix(self._prefix)}.{resource['format']}"
