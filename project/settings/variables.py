"""Every environment variable, declared once: `docs/operating/settings.md` is made from it.

`setting` is the Django setting that takes the value; it is what code reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from project.settings import parsers as p


@dataclass(frozen=True)
class Variable:
    """One environment variable; `default=None` means that it is unset."""

    name: str
    setting: str
    parse: Callable[[str], Any]
    default: str | None
    help: str
    aliases: tuple[str, ...] = ()
    secret: bool = False


_log_level = p.choice("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

V = Variable
GROUPS: dict[str, tuple[Variable, ...]] = {
    "The site": (
        V("OMNILENS_VAR", "VAR_DIR", p.path, "var",
          "Private directory for data, keys, sockets and logs."),
        V("OMNILENS_DOTENV", "DOTENV", p.optional_path, ".env",
          "File of `NAME=value` lines to read; empty reads none. Set variables win over it."),
        V("OMNILENS_SECRET_KEY", "SECRET_KEY", str, None,
          "Signing key; the embedded default generates one once. Production needs its own.",
          aliases=("SECRET_KEY",), secret=True),
        V("OMNILENS_DEBUG", "DEBUG", p.boolean, "false",
          "Django's debug pages; never outside development."),
        V("OMNILENS_ALLOWED_HOSTS", "ALLOWED_HOSTS", p.words, "localhost,127.0.0.1,[::1]",
          "Host names the site answers to.", aliases=("ALLOWED_HOSTS",)),
        V("OMNILENS_CSRF_TRUSTED_ORIGINS", "CSRF_TRUSTED_ORIGINS", p.words, "",
          "Origins (scheme://host) behind a TLS proxy."),
        V("OMNILENS_CORS_ORIGINS", "CORS_ALLOWED_ORIGINS", p.words, "",
          "Foreign origins that may call the API; empty allows none."),
        V("OMNILENS_PUBLIC_URL", "PUBLIC_URL", p.site_address, "",
          "Address of the site as others reach it (`https://host`), for links in webhooks; "
          "without it they carry paths."),
        V("OMNILENS_TRUSTED_PROXIES", "TRUSTED_PROXIES", int, "0",
          "Reverse proxies in front of us whose X-Forwarded-For entry is believed."),
        V("OMNILENS_REQUEST_MAX_BYTES", "REQUEST_MAX_BYTES", p.size, "64MB",
          "Largest request body; a longer one is refused before it is stored."),
        V("OMNILENS_REQUEST_TIMEOUT", "REQUEST_TIMEOUT", p.duration, "2m",
          "How long a view may take to answer, and a client to read what it was sent; 0 waits."),
        V("OMNILENS_RECYCLE_AGE", "RECYCLE_AGE", p.duration, "0",
          "Age at which `up` replaces a web process or a worker in good order; 0 never does."),
        V("OMNILENS_RECYCLE_WEB_MEMORY", "RECYCLE_WEB_MEMORY", p.size, "1GB",
          "Resident memory at which `up` replaces a web process; 0 never does."),
        V("OMNILENS_RECYCLE_WORKER_MEMORY", "RECYCLE_WORKER_MEMORY", p.size, "0",
          "Resident memory at which `up` replaces a worker; 0 never does."),
    ),
    "Stores": (
        V("OMNILENS_DATABASE_URL", "DATABASES", str, "",
          "postgres://user:password@host:port/name; empty means SQLite under OMNILENS_VAR.",
          aliases=("DATABASE_URL",), secret=True),
        V("OMNILENS_REDIS_URL", "REDIS_URL", str, "",
          "redis://, rediss:// or unix://; empty means the embedded server.",
          aliases=("REDIS_URL",), secret=True),
        V("OMNILENS_REDIS_PREFIX", "REDIS_PREFIX", str, "omnilens",
          "Key prefix, so that several deployments may share one Redis."),
        V("OMNILENS_S3_BUCKET", "STORAGES", str, "",
          "Private bucket for files; empty means local files under OMNILENS_VAR."),
        V("OMNILENS_S3_ENDPOINT", "STORAGES", str, "",
          "S3 API address; empty means the provider's default."),
        V("OMNILENS_S3_REGION", "STORAGES", str, "", "S3 region."),
        V("OMNILENS_S3_ACCESS_KEY", "STORAGES", str, "",
          "S3 access key id; empty uses the machine's own credentials.", secret=True),
        V("OMNILENS_S3_SECRET_KEY", "STORAGES", str, "", "S3 secret key.", secret=True),
        V("OMNILENS_ACCEL_PREFIX", "ACCEL_PREFIX", str, "",
          "Internal location of the front proxy that serves local files (X-Accel-Redirect)."),
    ),
    "Models and devices": (
        V("OMNILENS_MODEL_ROOT", "MODEL_ROOT", p.path, "var/models",
          "Where verified model weights live.", aliases=("MODEL_PATH",)),
        V("OMNILENS_DIFFUSION_MODEL_PATH", "DIFFUSION_MODEL_PATH", str, "",
          "Folder of diffusion weights, for try-on.", aliases=("DIFFUSION_MODEL_PATH",)),
        V("OMNILENS_MODEL_MIRROR", "MODEL_MIRROR", str, "",
          "Folder of weight files to use instead of the network."),
        V("OMNILENS_ALLOW_NON_COMMERCIAL", "ALLOW_NON_COMMERCIAL", p.boolean, "false",
          "Permit weights whose licence forbids commercial use."),
        V("OMNILENS_INFERENCE_STEPS", "INFERENCE_STEPS", p.positive, "30",
          "Default denoising steps, for try-on.", aliases=("INFERENCE_STEPS",)),
        V("OMNILENS_GUIDANCE_SCALE", "GUIDANCE_SCALE", float, "2.5",
          "Default guidance scale, for try-on.", aliases=("GUIDANCE_SCALE",)),
        V("OMNILENS_DEVICE", "DEVICE", p.device, "auto",
          "auto, cpu, cuda or cuda:N. `up` also takes several (`cuda:0,cuda:1`) or `cuda:all`: "
          "one worker for each."),
        V("OMNILENS_TORCH_THREADS", "TORCH_THREADS", p.positive, "1", "CPU threads of the worker."),
        V("OMNILENS_PRELOAD", "PRELOAD", p.words, "auto",
          "Models that a worker loads and warms up before it takes jobs; others load at their "
          "first job. `auto` is the network of the default quality on its device; empty is none."),
        V("OMNILENS_WORKER_MEMORY", "WORKER_MEMORY_BYTES", p.size, "0",
          "Byte budget for loaded models; 0 measures the device."),
        V("OMNILENS_WORKER_THREADS", "WORKER_THREADS", p.positive, "8",
          "Job threads of one worker; below 3 the platform warns and uses 3.",
          aliases=("WORKERS",)),
        V("CUDA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES", str, None,
          "Which GPUs exist for us; read by CUDA itself, shown by `doctor`."),
        V("PYTORCH_CUDA_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF", str, None,
          "Memory allocator of PyTorch; read by PyTorch itself, shown by `doctor`."),
    ),
    "Uploads": (
        V("OMNILENS_UPLOAD_MAX_BYTES", "UPLOAD_MAX_BYTES", p.size, "20MB",
          "Largest upload of the default policy.", aliases=("UPLOAD_MAX_SIZE",)),
        V("OMNILENS_ALLOWED_EXTENSIONS", "ALLOWED_EXTENSIONS", p.extensions, "jpg,jpeg,png,webp",
          "File name extensions of the default policy.", aliases=("ALLOWED_EXTENSIONS",)),
        V("OMNILENS_REMOTE_TOKEN", "REMOTE_TOKEN", str, "",
          "API token that `manage.py enhance --remote URL` sends to that server.", secret=True),
        V("OMNILENS_ENHANCE_OUTPUT_MEGAPIXELS", "ENHANCE_OUTPUT_MEGAPIXELS", p.positive, "200",
          "Largest result of an enlargement, in megapixels."),
        V("OMNILENS_ENHANCE_CPU_HIGH_MEGAPIXELS", "ENHANCE_CPU_HIGH_MEGAPIXELS", p.positive, "2",
          "Largest input of quality `high` without a GPU, in megapixels of all passes."),
        V("OMNILENS_ENHANCE_BATCH_FILES", "ENHANCE_BATCH_FILES", p.positive, "20",
          "Most photos in one batch."),
        V("OMNILENS_ENHANCE_MODEL_MAX_BYTES", "ENHANCE_MODEL_MAX_BYTES", p.size, "400MB",
          "Largest file of a network that an administrator adds; over HTTP "
          "OMNILENS_REQUEST_MAX_BYTES bounds it as well."),
    ),
    "Content credentials": (
        V("OMNILENS_C2PA_CERTIFICATES", "C2PA_CERTIFICATES", p.pem_or_path, "",
          "Certificate chain that signs results, the signer's own first; empty uses the local "
          "development authority."),
        V("OMNILENS_C2PA_KEY", "C2PA_KEY", p.pem_or_path, "",
          "Private key of that certificate: unencrypted PEM, readable by Omnilens alone.",
          secret=True),
    ),
    "Jobs": (
        V("OMNILENS_JOB_TIMEOUT", "JOB_TIMEOUT", p.duration, "1h",
          "Time after which a job is stopped at its next checkpoint.", aliases=("TIMEOUT",)),
        V("OMNILENS_JOB_LEASE", "JOB_LEASE", p.duration, "30s",
          "How long a silent worker keeps its job."),
        V("OMNILENS_EVENT_RETENTION", "EVENT_RETENTION", p.duration, "14d",
          "How long the events of a job are kept."),
        V("OMNILENS_RESULT_RETENTION", "RESULT_RETENTION", p.duration, "30d",
          "How long uploads and results are kept; 0 keeps them."),
        V("OMNILENS_QUEUE_LIMIT_INTERACTIVE", "QUEUE_LIMITS", p.positive, "50",
          "Queued interactive jobs one user may hold."),
        V("OMNILENS_QUEUE_LIMIT_BATCH", "QUEUE_LIMITS", p.positive, "500",
          "Queued batch jobs one user may hold."),
        V("OMNILENS_DRAIN", "DRAIN_TIMEOUT", p.duration, "8s",
          "How long a stopping worker lets its steps run."),
        V("OMNILENS_FAILPOINT", "FAILPOINT", str, "",
          "For resilience tests only: `name[:nth]` kills the process at that point."),
    ),
    "Webhooks": (
        V("OMNILENS_WEBHOOK_ALLOW", "WEBHOOK_ALLOW", p.allow_list, "",
          "Hosts that webhooks may call beyond the public internet: `host`, `host:port`, "
          "`10.0.0.0/8` or `10.0.0.5:9000`, with commas between."),
        V("OMNILENS_WEBHOOK_HTTP", "WEBHOOK_HTTP", p.boolean, "false",
          "Whether webhooks may go to http:// addresses, unencrypted."),
        V("OMNILENS_WEBHOOK_ATTEMPTS", "WEBHOOK_ATTEMPTS", p.positive, "5",
          "How often one webhook is tried: after 10 s, 1, 6 and 36 minutes, then up to 6 h."),
        V("OMNILENS_WEBHOOK_TIMEOUT", "WEBHOOK_TIMEOUT", p.duration, "10s",
          "How long one attempt may take in all."),
        V("OMNILENS_WEBHOOK_RETENTION", "WEBHOOK_RETENTION", p.duration, "14d",
          "How long the log of deliveries is kept."),
    ),
    "Chest X-ray": (
        V("OMNILENS_XRAY_RASTER_MAX_BYTES", "XRAY_RASTER_MAX_BYTES", p.size, "20MB",
          "Largest film as a picture."),
        V("OMNILENS_XRAY_RASTER_MEGAPIXELS", "XRAY_RASTER_MEGAPIXELS", p.positive, "40",
          "Most megapixels of a film as a picture."),
        V("OMNILENS_XRAY_DICOM_MAX_BYTES", "XRAY_DICOM_MAX_BYTES", p.size, "100MB",
          "Largest film as DICOM; over HTTP OMNILENS_REQUEST_MAX_BYTES bounds it as well."),
        V("OMNILENS_XRAY_DICOM_MEGAPIXELS", "XRAY_DICOM_MEGAPIXELS", p.positive, "60",
          "Most megapixels of a film as DICOM."),
        V("OMNILENS_XRAY_FILES", "XRAY_FILES", p.positive, "20",
          "Most films in one request."),
        V("OMNILENS_XRAY_ADULTS", "XRAY_ADULTS", p.boolean, "false",
          "Take films whose DICOM age is 18 years or more, with a warning; the model learned from "
          "children."),
        V("OMNILENS_XRAY_KEEP_ORIGINAL", "XRAY_KEEP_ORIGINAL", p.boolean, "false",
          "Keep what was sent, encrypted with a key derived from OMNILENS_SECRET_KEY; otherwise "
          "only the de-identified film stays."),
        V("OMNILENS_XRAY_QUALITY", "XRAY_QUALITY", p.numbers, "",
          "Thresholds of the film checks to change, such as `least_side=256,most_colour=6`."),
        V("OMNILENS_XRAY_LLM_ALLOWED_HOSTS", "XRAY_LLM_ALLOWED_HOSTS", p.allow_list,
          "localhost:11434,127.0.0.1:11434,[::1]:11434",
          "The only hosts that a language model may be called on, with their ports: `host`, "
          "`host:port`, `10.0.0.0/8` or `10.0.0.5:9000`, with commas between."),
        V("OMNILENS_XRAY_LLM_FIRST_WORD", "XRAY_LLM_FIRST_WORD", p.duration, "20s",
          "How long a language model may take to its first word; more where it loads slowly."),
        V("OMNILENS_XRAY_LLM_TIMEOUT", "XRAY_LLM_TIMEOUT", p.duration, "90s",
          "How long a language model may take for one report, a second attempt included."),
    ),
    "Gateway": (
        V("OMNILENS_GATEWAY_URL", "GATEWAY_URL", p.web_address, "",
          "Where an API gateway takes registrations; empty registers nowhere."),
        V("OMNILENS_GATEWAY_SECRET", "GATEWAY_SECRET", str, "",
          "What the gateway knows us by.", secret=True),
        V("OMNILENS_GATEWAY_IP", "GATEWAY_IP", p.ip, "",
          "Address to register; empty asks OMNILENS_GATEWAY_IP_SERVICES."),
        V("OMNILENS_GATEWAY_IP_SERVICES", "GATEWAY_IP_SERVICES", p.web_addresses, "",
          "Services that answer with our address, as text or as JSON with `ip`; the first that "
          "does counts."),
        V("OMNILENS_GATEWAY_PORT", "GATEWAY_PORT", p.port, "0",
          "Port to register; 0 takes the one the site answers on."),
        V("OMNILENS_GATEWAY_ATTEMPTS", "GATEWAY_ATTEMPTS", p.positive, "10",
          "How often to try: after 2, 4, 8 seconds and so on, at most 5 minutes."),
    ),
    "Logs": (
        V("OMNILENS_LOG_LEVEL", "LOG_LEVEL", _log_level, "INFO",
          "DEBUG, INFO, WARNING, ERROR or CRITICAL.", aliases=("LOG_LEVEL",)),
        V("OMNILENS_LOG_FILE", "LOG_FILE", p.optional_path, "",
          "Also write the log to this file (0600; rotated at 10 MB by the scheduler).",
          aliases=("LOG_FILE",)),
        V("OMNILENS_LOG_JSON", "LOG_JSON", p.boolean, "false", "One JSON object a line."),
    ),
    "Accounts and mail": (
        V("OMNILENS_REGISTRATION", "REGISTRATION_OPEN", p.boolean, "true",
          "Whether strangers may create an account."),
        V("OMNILENS_DEFAULT_ROLE", "DEFAULT_ROLE", str, "user",
          "Code of the role a new account gets."),
        V("OMNILENS_BOOTSTRAP_TOKEN", "BOOTSTRAP_TOKEN", str, "",
          "API token of the first administrator, for unattended set-up.", secret=True),
        V("OMNILENS_METRICS_TOKEN", "METRICS_TOKEN", str, "",
          "Bearer token for /metrics from outside this machine.", secret=True),
        V("OMNILENS_EMAIL_URL", "EMAIL_BACKEND", str, "",
          "smtp://, smtp+tls:// or smtp+ssl://user:password@host:port; empty writes mail to "
          "OMNILENS_VAR/mail.", secret=True),
        V("OMNILENS_EMAIL_FROM", "DEFAULT_FROM_EMAIL", str, "omnilens@localhost",
          "Sender of mail."),
    ),
}  # fmt: skip

VARIABLES = {variable.name: variable for group in GROUPS.values() for variable in group}
