"""Pictures in a bucket of an S3-compatible store. Credentials and region are found as boto3 always does."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from hotelmate.media import names
from hotelmate.media.storage.base import CACHE_CONTROL, Location, failing_as_unavailable, name_below


class S3Storage:
    """Stores files as objects under `prefix`; `public_url` is where the bucket is public.

    Removing looks at an object's age first, and nothing locks it between the two requests. What was abandoned
    long ago would have to be uploaded again, to the byte, in that moment.
    """

    def __init__(self, bucket: str, *, endpoint_url: str | None, prefix: str, public_url: str) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._public_url = public_url
        self._client = boto3.client("s3", endpoint_url=endpoint_url, config=_config(endpoint_url))

    def put(self, name: str, content: bytes) -> Location:
        """See Storage."""
        with failing_as_unavailable(BotoCoreError, ClientError):
            self._client.put_object(Body=content, **self._object(name))
        return self._location(name)

    def renew(self, name: str) -> Location | None:
        """See Storage."""
        source = {"Bucket": self._bucket, "Key": self._prefix + name}
        with failing_as_unavailable(BotoCoreError, ClientError):
            try:
                # S3 copies an object onto itself only when something about it is said anew.
                self._client.copy_object(CopySource=source, MetadataDirective="REPLACE", **self._object(name))
            except self._client.exceptions.NoSuchKey:
                return None
        return self._location(name)

    def name_at(self, url: str) -> str | None:
        """See Storage."""
        return name_below([f"{self._public_url}/{self._prefix.rstrip('/')}"], url)

    def names(self) -> list[str]:
        """See Storage."""
        pages = self._client.get_paginator("list_objects_v2")
        with failing_as_unavailable(BotoCoreError, ClientError):
            return [
                name
                for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix)
                for listed in page.get("Contents", ())
                if names.is_name(name := listed["Key"].removeprefix(self._prefix))
            ]

    def remove(self, candidates: Sequence[str], *, put_before: datetime) -> list[str]:
        """See Storage."""
        with failing_as_unavailable(BotoCoreError, ClientError):
            return list(self._remove_old(candidates, put_before))

    def _object(self, name: str) -> dict[str, Any]:
        return {
            "Bucket": self._bucket,
            "Key": self._prefix + name,
            "ContentType": names.media_type(name),
            "ContentDisposition": f'inline; filename="{name}"',
            "CacheControl": CACHE_CONTROL,
        }

    def _location(self, name: str) -> Location:
        return Location(f"{self._public_url}/{self._prefix}{name}", self._prefix + names.stem(name))

    def _remove_old(self, candidates: Sequence[str], put_before: datetime) -> Iterator[str]:
        for name in candidates:
            key = self._prefix + name
            found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1)
            if any(listed["LastModified"] < put_before for listed in found.get("Contents", ())):
                self._client.delete_object(Bucket=self._bucket, Key=key)
                yield name


def _config(endpoint_url: str | None) -> Config:
    return Config(
        connect_timeout=5,
        read_timeout=20,
        retries={"mode": "standard", "total_max_attempts": 3},
        # Not every store knows bucket names in host names, or the newer checksums, as Amazon's does.
        s3={"addressing_style": "path" if endpoint_url else "auto"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
