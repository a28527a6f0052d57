"""Django's settings. What an operator may change comes from the environment; `docs/operator.md` lists it."""

import os
import sys
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from chatproject import environment, places, smtp

BASE_DIR = places.ROOT
DATA_DIR = places.data_folder()
SECRET_KEY = places.secret_key()
#: The keys that seal second factors and mails that wait: a file outside the database, made when it is first needed.
FACTORS_KEY = Path(os.environ.get("PARLEY_FACTORS_KEY") or DATA_DIR / "keys" / "factors.key")
DEBUG = os.environ.get("PARLEY_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("PARLEY_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
#: Origins besides the server's own that may open a WebSocket or post a form, for example https://chat.example.com.
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("PARLEY_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    # Daphne serves `runserver` alone; Twisted would cost every other process half a second and its memory.
    *(["daphne"] if "runserver" in sys.argv else []),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django_otp",
    "axes",
    "rest_framework",
    "drf_spectacular",
    "channels",
    "csp",
    "audit",
    "accounts",
    "messaging",
    "compliance",
    "chatproject",
]

MIDDLEWARE = [
    # Those that only add headers come first, so that files and redirections have them too.
    "csp.middleware.CSPMiddleware",
    "chatproject.headers.HeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "messaging.api.compression.CompressionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.access.middleware.device_session",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "chatproject.notice.NoticeMiddleware",
    "accounts.factors.gate.FactorGate",
    "accounts.access.refusal_pages.RefusalPages",
]

ROOT_URLCONF = "chatproject.urls"
ASGI_APPLICATION = "chatproject.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chatproject.client.stylesheets",
            ]
        },
    }
]


def _database(role: str) -> dict[str, Any]:
    """Turn a role's DSN into Django's form; a role without one names a host that cannot exist."""
    parts = conninfo_to_dict(places.database_url(role) or "host=/nonexistent dbname=parley user=parley")
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    database: dict[str, Any] = {key: str(parts.pop(name, "") or "") for name, key in known.items()}
    database |= {"ENGINE": "accounts.postgresql", "CONN_MAX_AGE": 0, "OPTIONS": dict(parts)}
    return database


#: `default` is the application's role, which can neither change the schema nor alter the record; `owner` migrates.
DATABASES = {"default": _database("app"), "owner": _database("owner")}
#: `retention` erases, `audit` looks after the trail: each only where it has a DSN.
DATABASES |= {role: _database(role) for role in ("retention", "audit") if places.database_url(role)}
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 5)
DATABASES["default"]["OPTIONS"]["options"] = "-c lock_timeout=5s -c statement_timeout=60s"
if places.database_url("app"):  # a pool would go on looking for a database that nobody has named
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 5, "reconnect_timeout": 5}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = places.redis_url() or "unix:///nonexistent/redis.sock"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "parley"},
    }
}

CELERY_BROKER_URL = os.environ.get("PARLEY_BROKER_URL") or (
    REDIS_URL.replace("unix://", "redis+socket://", 1) if REDIS_URL.startswith("unix://") else REDIS_URL
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_TASK_PUBLISH_RETRY = False
#: A queue that is away, or hangs, is found out soon: whoever asked gets an answer.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 3,
    "socket_timeout": 5,
    "max_retries": 1,
    "interval_start": 0,
}
CELERY_BEAT_SCHEDULER = "chatproject.timetable:Timetable"
CELERY_BEAT_SCHEDULE = {
    "say-scheduled": {"task": "messaging.tasks.say_scheduled", "schedule": 5.0, "options": {"expires": 5}},
    "tell-moderators": {"task": "messaging.tasks.tell_moderators", "schedule": 3600.0, "options": {"expires": 3500}},
    "suspend-dormant": {"task": "accounts.tasks.suspend_dormant", "schedule": 86400.0},
    "give-sign": {"task": "chatproject.tasks.give_sign", "schedule": 10.0, "options": {"expires": 10}},
    "sweep-mails": {"task": "accounts.tasks.sweep_mails", "schedule": 60.0, "options": {"expires": 55}},
    "forget-mailed-links": {"task": "accounts.tasks.forget_mailed_links", "schedule": 86400.0},
    "start-idling-anew": {"task": "accounts.tasks.start_idling_anew", "schedule": 60.0, "options": {"expires": 55}},
    "clear-expired-sessions": {"task": "accounts.tasks.clear_expired_sessions", "schedule": 3600.0},
    "expire-origins": {"task": "audit.tasks.expire_origins", "schedule": 86400.0},
    "verify-trail": {"task": "audit.tasks.verify_trail", "schedule": 86400.0},
    "forget-imports": {"task": "accounts.tasks.forget_imports", "schedule": 3600.0},
    "lapse-approvals": {"task": "accounts.tasks.lapse_approvals", "schedule": 3600.0},
    "open-recertification": {"task": "accounts.tasks.open_recertification", "schedule": 86400.0},
}

#: Where mails are files while no mail server is named.
MAIL_FOLDER = DATA_DIR / "mail"
try:
    globals().update(smtp.settings(os.environ.get("PARLEY_EMAIL_URL", ""), MAIL_FOLDER))
    #: The address under which people reach this workspace, for links in mails; where none is set, the one they used.
    PUBLIC_URL = places.public_url()
    #: So many messages, edits and reactions a second a conversation takes from all its members (`messaging.crowds`).
    CONVERSATION_PER_S = environment.whole_number("PARLEY_CONVERSATION_PER_S", 200)
except ValueError as error:
    sys.exit(str(error))
DEFAULT_FROM_EMAIL = os.environ.get("PARLEY_EMAIL_FROM") or "Parley <parley@localhost>"

AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # usernames are unique in any case, by a constraint on lower(username) which this check does not see
    "axes.W002",  # pages say themselves how long somebody has to wait: django-axes needs no middleware for it
    "security.W021",  # preloading HSTS is the domain's owner to ask for: it holds for all hosts below, and for years
]
LOGIN_URL = "/signin/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/signin/"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.access.signin.UsernameOrEmailBackend"]
#: How guessing is slowed down is ours; django-axes asks before every check of a password, and keeps the counts.
AXES_HANDLER = "accounts.access.backoff.Handler"
AXES_CLIENT_IP_CALLABLE = "accounts.access.addresses.of_request"
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"accounts.access.password_rules.{rule}"} for rule in ("Length", "NotCommon", "NotOnesOwn")
]
#: Cached in Redis, stored in PostgreSQL: without Redis they are read there.
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
CACHES = {
    "default": {
        "BACKEND": "accounts.cache.Breaking",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "parley",
        "OPTIONS": {"serializer": "accounts.cache.Json", "socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
#: True where the address is reached by HTTPS: `manage.py up` sets it for a certificate or a declared TLS proxy.
IS_TLS = os.environ.get("PARLEY_TLS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_TLS
#: A browser takes a cookie of this prefix only by TLS and from this very host: no neighbour can plant one.
COOKIE_PREFIX = "__Host-" if IS_TLS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
DEVICE_COOKIE_NAME, PASSKEY_COOKIE_NAME = f"{COOKIE_PREFIX}device", f"{COOKIE_PREFIX}passkey"
#: True where a proxy of the operator's own stands in front: then its word counts for scheme and address.
IS_BEHIND_PROXY = os.environ.get("PARLEY_BEHIND_TLS_PROXY") == "1"
if IS_BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SILENCED_SYSTEM_CHECKS.append("security.W008")  # leading from HTTP to HTTPS is the proxy's
SECURE_SSL_REDIRECT = IS_TLS and not IS_BEHIND_PROXY
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_TLS else 0
#: The operator's word that every host below this one speaks HTTPS as well.
SECURE_HSTS_INCLUDE_SUBDOMAINS = os.environ.get("PARLEY_HSTS_SUBDOMAINS") == "1"
if not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    SILENCED_SYSTEM_CHECKS.append("security.W005")  # whether they do is not ours to know
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "media-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "connect-src": ["'self'"],  # the socket too, from Chrome 71, Firefox 50 and Safari 16 on
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "require-trusted-types-for": ["'script'"],
    }
}

#: The private key that signs checkpoints of the trail. The signing process alone reads it.
TRAIL_KEY = Path(os.environ.get("PARLEY_TRAIL_KEY") or DATA_DIR / "keys" / "trail.pem")
CHECKPOINT_EVERY_S = float(os.environ.get("PARLEY_CHECKPOINT_EVERY_S") or 60)
#: Where checkpoints go, with commas between: syslog+tls://HOST:PORT, https://…, file:///PATH, mailto:NAME@HOST.
CHECKPOINTS_TO = os.environ.get("PARLEY_CHECKPOINTS_TO", "")
#: A PEM file of further authorities that may vouch for those servers.
CHECKPOINTS_CA = os.environ.get("PARLEY_CHECKPOINTS_CA")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.access.tokens.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["messaging.api.permission.MayDo"],
    "DEFAULT_RENDERER_CLASSES": ["messaging.api.wire.MsgspecRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "messaging.api.problems.answer",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Parley",
    "DESCRIPTION": "History, membership and commands over HTTP. Real time is the WebSocket at /ws/ (docs/protocol.md).",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["messaging.api.wire.add_components", "messaging.ways.described.add_paths"],
    "SERVE_PERMISSIONS": ["messaging.api.permission.MayDo"],
}

#: Largest body of a request (uploads will have a door of their own).
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
#: Where `collectstatic` collects, for a web server in front that serves files itself; Parley serves them as they lie.
STATIC_ROOT = os.environ.get("PARLEY_STATIC_ROOT")
#: The client's build (Vite): hashed files below `assets/`, its manifest in `.vite/manifest.json`.
CLIENT_DIST = BASE_DIR / "client" / "dist"
STATICFILES_DIRS = [CLIENT_DIST] if CLIENT_DIST.exists() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

#: PARLEY_LIMITS=off lifts all rate limits, for benches.
IS_RATE_LIMITED = os.environ.get("PARLEY_LIMITS") != "off"
#: Who bears it may read /metrics; where it is empty, whoever asks from this machine itself.
METRICS_TOKEN = os.environ.get("PARLEY_METRICS_TOKEN", "")
#: A database in MaxMind's format that says where addresses are; without one sessions show the address alone.
GEOIP_PATH = os.environ.get("PARLEY_GEOIP", "")
#: How this workspace is called in its pages.
WORKSPACE_NAME = os.environ.get("PARLEY_NAME", "Parley")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "chatproject.redaction.Formatter", "format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("PARLEY_LOG_LEVEL", "WARNING")},
}
