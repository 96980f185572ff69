"""How the site speaks HTTP: REST framework, schema, tokens, CSP, CORS, lockout."""

from datetime import timedelta
from typing import Any

from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF

from project.settings import env
from project.settings.stores import storage_origins

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiTokenAuthentication",
        "accounts.authentication.FamilyJwtAuthentication",
        "project.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["project.api.permissions.IsAuthenticatedWithScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["project.api.parsers.BoundedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "project.api.pagination.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "project.api.schema.OmnilensSchema",
    "EXCEPTION_HANDLER": "project.api.errors.problem_response",
    "DEFAULT_THROTTLE_CLASSES": [
        "project.api.throttling.AnonThrottle",
        "project.api.throttling.UserThrottle",
        "project.api.throttling.ScopeThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": "100/min",
        "user": "600/min",
        "submit": "30/min",
        "login": "5/min",
        "tickets": "30/min",
        "export": "60/min",
    },
    "PAGE_SIZE": 20,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SIMPLE_JWT: dict[str, Any] = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=10),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Omnilens API",
    "VERSION": "1",
    "DESCRIPTION": (
        "Self-hosted imaging: durable jobs over your own pictures. Errors are RFC 9457 problem "
        "documents; `/docs/errors` lists every code."
    ),
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "PREPROCESSING_HOOKS": ["project.api.schema.only_versioned_paths"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "project.api.schema.document_problems",
    ],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "JobState": "project.jobs.models.Job.State",
        "DeliveryState": "project.webhooks.models.Delivery.State",
        "EnhanceStatus": ["queued", "processing", "completed", "failed", "cancelled"],
        "EnhanceBatchStatus": [
            "queued",
            "processing",
            "completed",
            "failed",
            "partial_completed",
            "cancelled",
        ],
        "WeightsState": ["present", "missing", "damaged"],
        "EnhanceOutputFormat": "enhance.options.OUTPUT_FORMATS",
        "XrayStudyStatus": "xray.choices.StudyStatus",
        "XrayCorrection": "xray.api.serializers.CORRECTIONS",
        "LanguageEnum": [("en", "English"), ("zh-hans", "Simplified Chinese")],
        "XrayMode": "xray.choices.Mode",
        "XrayLanguage": "xray.choices.Language",
        "XrayReportMode": "xray.choices.ReportMode",
        "XrayReportState": "xray.choices.ReportState",
        "XrayVersionStatus": "xray.choices.VersionStatus",
        "XrayReviewAction": "xray.choices.ReviewAction",
        "XrayReviewStatus": ["pending", "accepted", "edited", "rejected"],
        "FaceStatus": "enhance.faces.models.FaceResult.Status",
        "EnhanceResultFormat": ["PNG", "JPEG"],
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:", *storage_origins(env)],
        "connect-src": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
    }
}

CORS_ALLOWED_ORIGINS: list[str] = env.get("OMNILENS_CORS_ORIGINS")
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "if-match", "x-request-id"]
CORS_EXPOSE_HEADERS = [
    "Location", "ETag", "Retry-After", "Idempotent-Replay", "X-Request-Id",
    "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset",
]  # fmt: skip
CSRF_FAILURE_VIEW = "project.web.error_pages.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

AXES_VERBOSE = False
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
AXES_CLIENT_IP_CALLABLE = "project.api.client_address.client_address"
AXES_LOCKOUT_CALLABLE = "project.web.error_pages.locked_out"
