"""What every profile shares. Profiles add addresses, not behaviour."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from project.outbound.allow_list import AllowList
from project.settings import env
from project.settings.logs import logging_config
from project.settings.stores import (
    broker_tls,
    broker_url,
    cache_config,
    channel_config,
    database_config,
    email_config,
    storage_config,
)

BASE_DIR = env.BASE_DIR
env.read_dotenv()
PROFILE = "embedded"
DOTENV: Path | None = env.get("OMNILENS_DOTENV")

VERSION = (BASE_DIR / "VERSION").read_text(encoding="utf-8").strip()
VAR_DIR: Path = env.get("OMNILENS_VAR")
SECRET_KEY: str = env.get("OMNILENS_SECRET_KEY") or ""
SECRET_KEY_FALLBACKS: list[str] = []
DEBUG: bool = env.get("OMNILENS_DEBUG")
ALLOWED_HOSTS: list[str] = env.get("OMNILENS_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS: list[str] = env.get("OMNILENS_CSRF_TRUSTED_ORIGINS")
PUBLIC_URL: str = env.get("OMNILENS_PUBLIC_URL")
TRUSTED_PROXIES: int = env.get("OMNILENS_TRUSTED_PROXIES")
REQUEST_MAX_BYTES: int = env.get("OMNILENS_REQUEST_MAX_BYTES")
REQUEST_TIMEOUT: timedelta = env.get("OMNILENS_REQUEST_TIMEOUT")
# `sync=true` waits this long, and never into the answer of the request's own timeout.
SYNC_SECONDS = min(30.0, REQUEST_TIMEOUT.total_seconds() * 0.8 or 30.0)
RECYCLE_AGE: timedelta = env.get("OMNILENS_RECYCLE_AGE")
RECYCLE_WEB_MEMORY: int = env.get("OMNILENS_RECYCLE_WEB_MEMORY")
RECYCLE_WORKER_MEMORY: int = env.get("OMNILENS_RECYCLE_WORKER_MEMORY")

FEATURE_APPS = ["tryon", "enhance", "xray", "monitoring"]
INSTALLED_APPS = [
    "daphne",
    "project.web.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "rest_framework",
    "rest_framework_simplejwt",
    "django_filters",
    "corsheaders",
    "csp",
    "axes",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "project",
    "project.api",
    "accounts",
    "project.images",
    "project.jobs",
    "project.realtime",
    "project.webhooks",
    "project.gateway",
    "project.web.apps.WebConfig",
    *FEATURE_APPS,
]

MIDDLEWARE = [
    "project.api.request_id.RequestIdMiddleware",
    "project.api.metrics.RequestMetricsMiddleware",
    "project.api.headers.ResponseHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "project.web.failures.FailureMiddleware",
]

ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "project.asgi.application"
APPEND_SLASH = True

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "project.web.context.shell",
            ]
        },
    }
]

DATABASES = {"default": database_config(env.get("OMNILENS_DATABASE_URL"), VAR_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL: str = env.get("OMNILENS_REDIS_URL")
REDIS_PREFIX: str = env.get("OMNILENS_REDIS_PREFIX")
CACHES = cache_config(REDIS_URL, REDIS_PREFIX)
CHANNEL_LAYERS = channel_config(REDIS_URL, REDIS_PREFIX)
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

STORAGES = storage_config(env, VAR_DIR)
ACCEL_PREFIX: str = env.get("OMNILENS_ACCEL_PREFIX")
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.RoleBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "web:home"
LOGOUT_REDIRECT_URL = "accounts:sign_in"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

REGISTRATION_OPEN: bool = env.get("OMNILENS_REGISTRATION")
DEFAULT_ROLE: str = env.get("OMNILENS_DEFAULT_ROLE")
BOOTSTRAP_TOKEN: str = env.get("OMNILENS_BOOTSTRAP_TOKEN")
METRICS_TOKEN: str = env.get("OMNILENS_METRICS_TOKEN")

UPLOAD_MAX_BYTES: int = env.get("OMNILENS_UPLOAD_MAX_BYTES")
ALLOWED_EXTENSIONS: list[str] = env.get("OMNILENS_ALLOWED_EXTENSIONS")
REMOTE_TOKEN: str = env.get("OMNILENS_REMOTE_TOKEN")
ENHANCE_OUTPUT_MEGAPIXELS: int = env.get("OMNILENS_ENHANCE_OUTPUT_MEGAPIXELS")
ENHANCE_CPU_HIGH_MEGAPIXELS: int = env.get("OMNILENS_ENHANCE_CPU_HIGH_MEGAPIXELS")
ENHANCE_BATCH_FILES: int = env.get("OMNILENS_ENHANCE_BATCH_FILES")
ENHANCE_MODEL_MAX_BYTES: int = env.get("OMNILENS_ENHANCE_MODEL_MAX_BYTES")
XRAY_RASTER_MAX_BYTES: int = env.get("OMNILENS_XRAY_RASTER_MAX_BYTES")
XRAY_RASTER_MEGAPIXELS: int = env.get("OMNILENS_XRAY_RASTER_MEGAPIXELS")
XRAY_DICOM_MAX_BYTES: int = env.get("OMNILENS_XRAY_DICOM_MAX_BYTES")
XRAY_DICOM_MEGAPIXELS: int = env.get("OMNILENS_XRAY_DICOM_MEGAPIXELS")
XRAY_FILES: int = env.get("OMNILENS_XRAY_FILES")
# Tests begin without a classifier; each says which one it wants.
XRAY_OFFER_SHIPPED = True
XRAY_ADULTS: bool = env.get("OMNILENS_XRAY_ADULTS")
XRAY_KEEP_ORIGINAL: bool = env.get("OMNILENS_XRAY_KEEP_ORIGINAL")
XRAY_QUALITY: dict[str, float] = env.get("OMNILENS_XRAY_QUALITY")

C2PA_CERTIFICATES: str | Path | None = env.get("OMNILENS_C2PA_CERTIFICATES")
C2PA_KEY: str | Path | None = env.get("OMNILENS_C2PA_KEY")

MODEL_ROOT: Path = env.get("OMNILENS_MODEL_ROOT")
MODEL_MIRROR: str = env.get("OMNILENS_MODEL_MIRROR")
ALLOW_NON_COMMERCIAL: bool = env.get("OMNILENS_ALLOW_NON_COMMERCIAL")
DEVICE: str = env.get("OMNILENS_DEVICE")
TORCH_THREADS: int = env.get("OMNILENS_TORCH_THREADS")
PRELOAD: list[str] = env.get("OMNILENS_PRELOAD")
WORKER_MEMORY_BYTES: int = env.get("OMNILENS_WORKER_MEMORY")
WORKER_THREADS: int = env.get("OMNILENS_WORKER_THREADS")
CUDA_VISIBLE_DEVICES: str | None = env.get("CUDA_VISIBLE_DEVICES")
PYTORCH_CUDA_ALLOC_CONF: str | None = env.get("PYTORCH_CUDA_ALLOC_CONF")
DIFFUSION_MODEL_PATH: str = env.get("OMNILENS_DIFFUSION_MODEL_PATH")
INFERENCE_STEPS: int = env.get("OMNILENS_INFERENCE_STEPS")
GUIDANCE_SCALE: float = env.get("OMNILENS_GUIDANCE_SCALE")

JOB_TIMEOUT: timedelta = env.get("OMNILENS_JOB_TIMEOUT")
JOB_LEASE: timedelta = env.get("OMNILENS_JOB_LEASE")
EVENT_RETENTION: timedelta = env.get("OMNILENS_EVENT_RETENTION")
RESULT_RETENTION: timedelta = env.get("OMNILENS_RESULT_RETENTION")
QUEUE_LIMITS: dict[str, int] = {
    "interactive": env.get("OMNILENS_QUEUE_LIMIT_INTERACTIVE"),
    "batch": env.get("OMNILENS_QUEUE_LIMIT_BATCH"),
    "stream": env.get("OMNILENS_QUEUE_LIMIT_BATCH"),
}
DRAIN_TIMEOUT: timedelta = env.get("OMNILENS_DRAIN")
FAILPOINT: str = env.get("OMNILENS_FAILPOINT")

WEBHOOK_ALLOW: AllowList = env.get("OMNILENS_WEBHOOK_ALLOW")
WEBHOOK_HTTP: bool = env.get("OMNILENS_WEBHOOK_HTTP")
WEBHOOK_ATTEMPTS: int = env.get("OMNILENS_WEBHOOK_ATTEMPTS")
WEBHOOK_TIMEOUT: timedelta = env.get("OMNILENS_WEBHOOK_TIMEOUT")
WEBHOOK_RETENTION: timedelta = env.get("OMNILENS_WEBHOOK_RETENTION")

XRAY_LLM_ALLOWED_HOSTS: AllowList = env.get("OMNILENS_XRAY_LLM_ALLOWED_HOSTS")
XRAY_LLM_FIRST_WORD: timedelta = env.get("OMNILENS_XRAY_LLM_FIRST_WORD")
XRAY_LLM_TIMEOUT: timedelta = env.get("OMNILENS_XRAY_LLM_TIMEOUT")

GATEWAY_URL: str = env.get("OMNILENS_GATEWAY_URL")
GATEWAY_SECRET: str = env.get("OMNILENS_GATEWAY_SECRET")
GATEWAY_IP: str = env.get("OMNILENS_GATEWAY_IP")
GATEWAY_IP_SERVICES: list[str] = env.get("OMNILENS_GATEWAY_IP_SERVICES")
GATEWAY_PORT: int = env.get("OMNILENS_GATEWAY_PORT")
GATEWAY_ATTEMPTS: int = env.get("OMNILENS_GATEWAY_ATTEMPTS")

CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_USE_SSL = broker_tls(REDIS_URL)

DEFAULT_FROM_EMAIL: str = env.get("OMNILENS_EMAIL_FROM")
_mail = email_config(env.get("OMNILENS_EMAIL_URL"), VAR_DIR)
EMAIL_BACKEND: str = _mail["EMAIL_BACKEND"]
EMAIL_FILE_PATH: str = _mail["EMAIL_FILE_PATH"]
EMAIL_HOST: str = _mail["EMAIL_HOST"]
EMAIL_PORT: int = _mail["EMAIL_PORT"]
EMAIL_HOST_USER: str = _mail["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD: str = _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS: bool = _mail["EMAIL_USE_TLS"]
EMAIL_USE_SSL: bool = _mail["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10

LOG_LEVEL: str = env.get("OMNILENS_LOG_LEVEL")
LOG_FILE: Path | None = env.get("OMNILENS_LOG_FILE")
LOG_JSON: bool = env.get("OMNILENS_LOG_JSON")
LOGGING = logging_config(level=LOG_LEVEL, file=LOG_FILE, as_json=LOG_JSON)

from project.settings.http import *  # noqa: E402, F403  (REST, CSP, CORS, axes: one file)
from project.settings.queue import *  # noqa: E402, F403  (Celery, each setting with its reason)
