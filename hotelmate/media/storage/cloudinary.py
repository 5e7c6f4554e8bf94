"""Pictures at Cloudinary, each width an asset of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import cloudinary.api
import cloudinary.uploader

from hotelmate.media import names
from hotelmate.media.storage.base import Location, failing_as_unavailable

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
        public_id = self._prefix + names.stem(name)
        # The library raises a plain Exception for statuses that it does not know.
        with failing_as_unavailable(Exception):
            cloudinary.uploader.upload(
                (name, content), public_id=public_id, overwrite=True, resource_type="image", **self._options
            )
        return Location(f"{self._public_url}/{self._prefix}{name}", public_id)

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
        public_ids = [self._prefix + names.stem(name) for name in candidates]
        found = cloudinary.api.resources_by_ids(public_ids, max_results=_REMOVED_AT_ONCE, **self._options)
        old = [each for each in found["resources"] if each["version"] < put_before.timestamp()]
        if old:
            old_ids = [each["public_id"] for each in old]
            cloudinary.api.delete_resources(old_ids, invalidate=True, **self._options)
        return list(map(self._name, old))

    def _name(self, resource: dict[str, Any]) -> str:
        return f"{resource['public_id'].removeprefix(self._prefix)}.{resource['format']}"
