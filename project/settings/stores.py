"""Addresses of the stores: database, Redis in its three uses, files."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import environ
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from redis.connection import parse_url

SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA mmap_size=134217728;"
        "PRAGMA journal_size_limit=27103364;PRAGMA cache_size=2000;"
    ),
}


def database_config(url: str, var: Path) -> dict[str, Any]:
    """PostgreSQL by URL, else SQLite tuned for concurrent writers (docs/architecture)."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": var / "omnilens.sqlite3",
            "OPTIONS": SQLITE_OPTIONS,
        }
    config: dict[str, Any] = dict(environ.Env.db_url_config(url))
    if "sqlite3" in config["ENGINE"]:
        config["OPTIONS"] = SQLITE_OPTIONS
    else:
        config |= {"CONN_MAX_AGE": 0, "DISABLE_SERVER_SIDE_CURSORS": True}
    return config


def broker_url(redis_url: str) -> str:
    """Celery spells a unix socket `redis+socket://`; redis-py and Channels `unix://`."""
    parts = urlsplit(redis_url)
    query = dict(parse_qsl(parts.query))
    if parts.scheme != "unix":  # kombu would answer a TLS option here by trusting everybody
        kept = {name: text for name, text in query.items() if not name.startswith("ssl_")}
        return parts._replace(query=urlencode(kept)).geturl()
    suffix = f"?virtual_host={query['db']}" if "db" in query else ""
    return f"redis+socket://{parts.netloc}{parts.path}{suffix}"


def broker_tls(redis_url: str) -> dict[str, Any] | None:
    """TLS options of the broker: kombu trusts every certificate unless it is told otherwise.

    `ssl_*` parameters of the URL (a CA file, say) count for Celery as for redis-py.
    """
    if urlsplit(redis_url).scheme != "rediss":
        return None
    arguments = parse_url(redis_url)  # type: ignore[no-untyped-call]  # no annotation there
    given = {n: value for n, value in arguments.items() if n.startswith("ssl_")}
    return {"ssl_cert_reqs": "required", **given}


def cache_config(redis_url: str, prefix: str) -> dict[str, Any]:
    """The default cache: sessions, tickets, throttle counters."""
    return {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": redis_url,
            "KEY_PREFIX": f"{prefix}:cache",
            "OPTIONS": {"pool_class": "project.settings.redis_pool.SharedConnectionPool"},
        }
    }


def channel_config(redis_url: str, prefix: str) -> dict[str, Any]:
    """Pub/sub layer: the core layer drops silently at its default capacity.

    One retry, because a connection that died with the last Redis fails at its next use; the
    socket that was to use it would be refused.
    """
    host = {"address": redis_url, "retry": Retry(ConstantBackoff(0.05), 1)}
    return {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [host], "prefix": f"{prefix}:channels"},
        }
    }


def email_config(url: str, var: Path) -> dict[str, Any]:
    """Django's EMAIL_* settings from one URL; without one, mail becomes files in `var/mail`.

    Raises ImproperlyConfigured for an unknown scheme; the message never shows the URL.
    """
    parsed: dict[str, Any] = dict(environ.Env.email_url_config(url)) if url else {}
    use_ssl = bool(parsed.get("EMAIL_USE_SSL"))
    use_tls = bool(parsed.get("EMAIL_USE_TLS"))
    usual_port = 465 if use_ssl else 587 if use_tls else 25
    return {
        "EMAIL_BACKEND": parsed.get(
            "EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend"
        ),
        "EMAIL_FILE_PATH": str(var / "mail"),
        "EMAIL_HOST": parsed.get("EMAIL_HOST") or "localhost",
        "EMAIL_PORT": parsed.get("EMAIL_PORT") or usual_port,
        "EMAIL_HOST_USER": parsed.get("EMAIL_HOST_USER") or "",
        "EMAIL_HOST_PASSWORD": parsed.get("EMAIL_HOST_PASSWORD") or "",
        "EMAIL_USE_TLS": use_tls,
        "EMAIL_USE_SSL": use_ssl,
    }


def storage_config(env: ModuleType, var: Path) -> dict[str, Any]:
    """Private files: local under `var/files`, or one private S3 bucket."""
    bucket = env.get("OMNILENS_S3_BUCKET")
    default: dict[str, Any] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": str(var / "files"),
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }
    if bucket:
        default = {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": bucket,
                "endpoint_url": env.get("OMNILENS_S3_ENDPOINT") or None,
                "region_name": env.get("OMNILENS_S3_REGION") or None,
                "access_key": env.get("OMNILENS_S3_ACCESS_KEY") or None,
                "secret_key": env.get("OMNILENS_S3_SECRET_KEY") or None,
                "default_acl": None,
                "signature_version": "s3v4",
                "addressing_style": "path" if env.get("OMNILENS_S3_ENDPOINT") else "virtual",
                "querystring_auth": True,
                "querystring_expire": 300,
                "file_overwrite": False,
            },
        }
    return {
        "default": default,
        "staticfiles": {
            "BACKEND": "project.web.static_files.HashedStaticFilesStorage",
        },
    }


def storage_origins(env: ModuleType) -> list[str]:
    """Where pages may load pictures from besides this site: the bucket, if there is one."""
    bucket, region = env.get("OMNILENS_S3_BUCKET"), env.get("OMNILENS_S3_REGION")
    if not bucket:
        return []
    if endpoint := env.get("OMNILENS_S3_ENDPOINT"):
        parts = urlsplit(endpoint)
        return [f"{parts.scheme}://{parts.netloc}"]
    hosts = [f"{bucket}.s3.amazonaws.com", f"{bucket}.s3.{region}.amazonaws.com"]
    return [f"https://{host}" for host in hosts[: 2 if region else 1]]
