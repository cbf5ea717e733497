"""Django settings. Everything that differs between installations comes from the environment."""

import base64
from pathlib import Path

import environ
from csp.constants import NONE, SELF

from kalkan import __version__
from kalkan.config import database, keys

env = environ.Env()
ROOT = database.ROOT
VAR = database.var()
VERSION = __version__

# --- where it runs -----------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=True)
IS_DEMONSTRATION = env.bool("DEMONSTRATION", default=False)
DATA = Path(env.str("KALKAN_DATA", default=str(ROOT / "data")))

# --- secrets: files, never values in here ------------------------------------------------------------------------
KEYS = keys.folder()
SECRET_KEY = base64.b64encode(keys.read_or_make(KEYS / "session.key", size=48)).decode()
# Empty where the file is gone: then nothing is served.
ACCOUNTS_KEY = keys.read(KEYS / "accounts.key")  # seals sessions and second factors
FILES_KEY = keys.read(KEYS / "files.key")  # seals uploads; recognises what was imported before

# --- the end of what is recorded ---------------------------------------------------------------------------------
# Kept apart from the database, so that a restored backup forgets again whom it had to forget.
LEDGER = Path(env.str("KALKAN_LEDGER", default=str(VAR / "ledger" / "erasures.jsonl")))
# Rooms that hold something of a person, see persons.
CONSENT_ENDERS = ["kalkan.assistance.consents"]  # rooms that stop at once when a consent ends, see persons
ERASERS = ["kalkan.assistance.erasing", "kalkan.cases.erasing", "kalkan.exchange.erasing"]
# Rooms with work that must end before a case can, see cases.services.steps.
CASE_CLOSERS = ["kalkan.assistance.closing"]
RETENTION = env.bool("RETENTION", default=False)  # whether the worker erases by itself what its rule says
BACKUP_RECIPIENTS = env.list("BACKUP_RECIPIENTS", default=[])

# --- database ----------------------------------------------------------------------------------------------------
DATABASES = {
    "default": {
        **env.db("DATABASE_URL", default=f"postgresql://postgres@/{database.DATABASE}?host={VAR / 'postgres'}"),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }
}
if env.str("DATABASE_ROLE", default=""):  # web server and worker step down from a login that owns the tables
    DATABASES["default"].setdefault("OPTIONS", {})["assume_role"] = env.str("DATABASE_ROLE")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "kalkan.access.limits.ExactCache", "LOCATION": "cache"}}

# --- rooms -------------------------------------------------------------------------------------------------------
ROOMS = ["web", "exchange", "statistics", "assistance", "cases", "persons", "access", "vocabulary", "audit"]
INSTALLED_APPS = [
    *(f"kalkan.{room}" for room in ROOMS),  # first, so that their templates and words come before the libraries'
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "csp",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "kalkan.web.headers.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kalkan.web.locked.LockedMiddleware",  # before anything that reads a row
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "kalkan.web.middleware.LanguageMiddleware",
    "kalkan.web.headers.SizeMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "kalkan.web.middleware.PrivacyMiddleware",
    "kalkan.access.middleware.SignedInMiddleware",
    "kalkan.web.middleware.RefusalMiddleware",
]
ROOT_URLCONF = "kalkan.config.urls"
WSGI_APPLICATION = "kalkan.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "kalkan.web.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- people ------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("full_name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "kalkan.access.passwords.CommonValidator"},
    {"NAME": "kalkan.access.passwords.ContextValidator"},
]
ACCOUNT_ADAPTER = "kalkan.access.accounts.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by an administrator for a known work address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/15m/key",
    "reset_password": "5/m/ip,3/h/key",
    "reauthenticate": "10/m/user",
    "unknown_session": "20/m/ip",
    "retrieve_referral": "10/m/ip",
    "policy_report": "10/m/ip",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
PASSWORD_RESET_TIMEOUT = 60 * 60
# A second factor: an authenticator app, a passkey that asks for a finger or a PIN, recovery codes shown once.
MFA_ADAPTER = "kalkan.access.second_factor.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Kalkan"
MFA_TOTP_TOLERANCE = 1  # a telephone's clock may be half a minute off; a code is good once all the same
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RECOVERY_CODE_DIGITS = 12
MFA_FORMS = {
    "authenticate": "kalkan.access.second_factor.CodeForm",
    "reauthenticate": "kalkan.access.second_factor.ConfirmCodeForm",
    "activate_totp": "kalkan.access.second_factor.SetUpAppForm",
    "authenticate_webauthn": "kalkan.access.second_factor.PasskeyForm",
    "login_webauthn": "kalkan.access.second_factor.PasskeyLoginForm",
    "reauthenticate_webauthn": "kalkan.access.second_factor.ConfirmPasskeyForm",
    "add_webauthn": "kalkan.access.second_factor.AddPasskeyForm",
    "edit_webauthn": "kalkan.access.second_factor.RenamePasskeyForm",
}
# Signing on through the institution's OpenID Connect provider, where one is named.
SOCIALACCOUNT_ADAPTER = "kalkan.access.single_sign_on.ClosedSocialAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_NAME = env.str("OIDC_NAME", default="OpenID Connect")
OIDC_ACR = env.list("OIDC_ACR", default=[])
_oidc_secret = env.str("OIDC_SECRET_FILE", default="")
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "provider_class": "kalkan.access.openid.Provider",
        "OAUTH_PKCE_ENABLED": True,
        "SCOPE": ["openid", "email"],
        "APPS": [
            {
                "provider_id": "institution",
                "name": OIDC_NAME,
                "client_id": env.str("OIDC_CLIENT_ID", default=""),
                "secret": Path(_oidc_secret).read_text(encoding="utf-8").strip() if _oidc_secret else "",
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "web:home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
SESSION_ENGINE = "kalkan.access.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 10
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.console.EmailBackend")

# --- words, dates ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "tr"
LANGUAGES = [("tr", "Türkçe"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Istanbul"
# The quick exit leads to a page that anyone may be looking at.
QUICK_EXIT_URL = env.str("QUICK_EXIT_URL", default="https://www.mgm.gov.tr/")

# --- static files ------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
NODE_MODULES = ROOT / "node_modules"
VENDOR = VAR / "vendor"  # the few files that pages need out of node_modules, gathered by `kalkan.web.assets`
VENDOR.mkdir(exist_ok=True)
STATICFILES_DIRS = [("vendor", VENDOR)]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 60 * 60
MEDIA_ROOT = VAR / "files"
AUDIT_HEADS = Path(env.str("AUDIT_HEADS", default=str(VAR / "audit" / "heads.jsonl")))
AUDIT_WEBHOOK = env.str("AUDIT_WEBHOOK", default="")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
UPLOAD_LIMIT = env.int("UPLOAD_LIMIT", default=64 * 1024 * 1024)
ATTACHMENT_LIMIT = env.int("ATTACHMENT_LIMIT", default=20 * 1024 * 1024)
FILE_UPLOAD_HANDLERS = ["kalkan.web.uploads.InMemory"]  # an upload never lies open on the disk
# A folder whose layouts of official documents take the place of ours, file by file: see docs/installation.md
DOCUMENT_LAYOUTS = env.str("DOCUMENT_LAYOUTS", default="")
CLAMD = env.str("CLAMD", default="")  # the scanner: the path of its socket, or host:port

# --- the browser -------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "report-uri": ["/policy-report/"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# With the prefix a browser takes them from this host only, over https, for every path (RFC 6265bis, 4.1.3.2).
_HOST = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_HOST}kalkan_session", f"{_HOST}csrftoken"
LANGUAGE_COOKIE_NAME, THEME_COOKIE_NAME = f"{_HOST}kalkan_language", f"{_HOST}kalkan_theme"
MESSAGES_COOKIE_NAME, MESSAGE_STORAGE = f"{_HOST}messages", "kalkan.web.notices.Notices"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "kalkan.web.errors.expired_form"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None

# --- logs: codes and references, never a name or a narrative -------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
