"""Django settings, read from top to bottom; every value that differs between installations comes from the environment.

`config.environment` reads and checks the environment variables (see `.env.example`) and stops the start with one line
when one is missing or malformed.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp import constants as csp
from django.utils.translation import gettext_lazy as _

from config.environment import load

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = load()

# --- Secrets and hosts ------------------------------------------------------------------------------------------------

SECRET_KEY = ENVIRONMENT.secret_key
ENCRYPTION_KEYS = ENVIRONMENT.encryption_keys
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
PUBLIC_URL = ENVIRONMENT.public_url
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies

# --- Meta -------------------------------------------------------------------------------------------------------------

META_GRAPH_URL = ENVIRONMENT.graph_url
META_GRAPH_VERSION = ENVIRONMENT.graph_version
META_DIALOG_URL = ENVIRONMENT.dialog_url
META_MANAGEMENT_URL = ENVIRONMENT.management_url
META_TIMEOUT = ENVIRONMENT.meta_timeout
META_FLOW_CONFIG_IN = ENVIRONMENT.flow_config_in
META_VERTICAL_CODES = ENVIRONMENT.vertical_codes

# --- Products ---------------------------------------------------------------------------------------------------------

FEEDS_MAY_BE_PRIVATE = ENVIRONMENT.feeds_may_be_private
# Files go to disk as they come, and only where products are handed over.
FILE_UPLOAD_HANDLERS = ["catalogs.uploads.LimitedUpload"]

# --- The portal's own periods, in seconds -----------------------------------------------------------------------------

SWEEP_SECONDS = 15
RECONCILE_SECONDS = 6 * 60 * 60
CLAIM_SECONDS = 55
WEBHOOK_QUIET_SECONDS = 0.5
WEBHOOK_PATIENCE_SECONDS = 10
ATTEMPT_SECONDS = 60 * 60
LAUNCH_LINK_SECONDS = 14 * 24 * 60 * 60
INVITATION_SECONDS = 7 * 24 * 60 * 60
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60

# --- Applications -----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "axes",
    "partners",
    "partners.people",
    "partners.audit",
    "features",
    "features.configuration",
    "features.activation",
    "features.implied",
    "features.uninstalling",
    "catalogs",
    "onboarding",
    "webhooks",
    "golive",
    "golive.letter",
    "golive.menus",
    "golive.migration",
    "golive.readiness",
    "config",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.headers.permissions_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.browser_time_zone",
    "partners.middleware.partner_in_view",
    "partners.people.middleware.OnlyProven",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database and broker ----------------------------------------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_database: dict[str, Any] = dict(environ.Env.db_url_config(ENVIRONMENT.database_url))
_database["ENGINE"] = "django.db.backends.postgresql"
# After a restart of the database the pool's old connections are found dead before somebody has to.
_database["CONN_HEALTH_CHECKS"] = True
_database.setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": 20, "timeout": 10, "max_idle": 120}
DATABASES = {"default": _database}
DATABASE_APP_ROLE = _database["USER"]
DATABASE_PLATFORM_ROLE = ENVIRONMENT.database_platform_role

REDIS_URL = ENVIRONMENT.redis_url
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 2}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "webhooks.process_inbox", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "sync": {"task": "features.sync_due", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "reconcile": {"task": "features.reconcile", "schedule": 60, "options": {"expires": 60}},
    "note connected": {
        "task": "onboarding.note_connected",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "settle": {"task": "onboarding.settle_due", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "push": {"task": "configuration.push_due", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "uninstall": {"task": "uninstalling.run_due", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "activate": {"task": "activation.run_due", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "events": {"task": "activation.send_test_events", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "begin": {"task": "activation.begin_missing", "schedule": 600, "options": {"expires": 600}},
    "mail": {"task": "people.mail_due", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "audit": {"task": "audit.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "catalogs": {"task": "catalogs.push_due", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "intakes": {"task": "catalogs.take_due", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "imports": {"task": "migration.take_due", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "readiness": {"task": "readiness.check_due", "schedule": 60, "options": {"expires": 60}},
    "feeds": {"task": "catalogs.fetch_feeds", "schedule": 60, "options": {"expires": 60}},
}

# --- Sign-in, cookies, transport --------------------------------------------------------------------------------------

_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
# Where a login ends that names no page of ours to go on to.
LOGIN_REDIRECT_URL = "admin:index"
# The first one only refuses: whoever has tried too often, for an account or from an address, waits.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
# Trying on while locked out does not lock out for longer: others could keep somebody out for ever.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "partners.people.throttling.machine_of"
AXES_USERNAME_CALLABLE = "partners.people.throttling.account_of"
AXES_LOCKOUT_CALLABLE = "partners.people.throttling.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "password", "next", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
_is_https = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _is_https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
if _is_https:
    # A browser takes these names from this very host only: no neighbour in the domain can plant them.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SECURE_SSL_REDIRECT = _is_https
# The web server listens on loopback in plain HTTP: where visitors use https, a proxy ends TLS, and only then is there
# somebody to believe.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _is_https else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _is_https
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Addresses hold tokens (launch links), and none leaves this origin. Not `no-referrer`: with it browsers send forms
# without an origin, and the CSRF check refuses them.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Pages whose forms lead to Meta add to `form-action` (onboarding.leading). Nobody may embed any page: in a frame of
# another site browsers keep no cookie, and without one no button works.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [csp.NONE],
        "script-src": [csp.SELF],
        "style-src": [csp.SELF],
        "img-src": [csp.SELF, "data:"],
        "font-src": [csp.SELF],
        "connect-src": [csp.SELF],
        "form-action": [csp.SELF],
        "base-uri": [csp.NONE],
        "object-src": [csp.NONE],
        "frame-ancestors": [csp.NONE],
    }
}
# Also with DEBUG, error pages show no secret.
DEFAULT_EXCEPTION_REPORTER = "config.error_pages.ErrorReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.error_pages.ErrorFilter"
# The admin asks about up to 1,000 rows at once, and the answer names each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_100

# --- Mail -------------------------------------------------------------------------------------------------------------

SENDS_MAIL = bool(ENVIRONMENT.email_url)
_mail: dict[str, Any] = environ.Env.email_url_config(ENVIRONMENT.email_url) if SENDS_MAIL else {}
EMAIL_BACKEND = _mail.get("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
EMAIL_HOST = _mail.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = _mail.get("EMAIL_FILE_PATH") or None
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = ENVIRONMENT.from_email

# --- Languages, times, static files -----------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hant", _("Traditional Chinese"))]
FORMAT_MODULE_PATH = ["config.formats"]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = ENVIRONMENT.var_dir / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "config.scrubbing.ScrubbingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": ENVIRONMENT.log_level},
    "loggers": {
        # Django gives these two handlers of their own, which would print and mail what nobody has scrubbed.
        "django": {"level": ENVIRONMENT.log_level, "handlers": []},
        "django.server": {"level": ENVIRONMENT.log_level, "handlers": [], "propagate": True},
        # A statement has values in it, and nobody could tell a session's key from any other.
        "django.db.backends": {"level": "INFO"},
        # For each variable that a template lacks, all that the page knows.
        "django.template": {"level": "INFO"},
        # Whoever scans the net names any host; the answer is 400, and that is all.
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
    },
}
