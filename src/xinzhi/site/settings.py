"""Django's settings, from the environment; see :mod:`xinzhi.site.environment` for what may be set."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from xinzhi.site.environment import SignInServer, read_environment


def provider_of(server: SignInServer | None) -> dict[str, object]:
    """Return a server for signing in as allauth wants it."""
    if server is None:
        return {}
    app = {
        "provider_id": "office", "name": server.name, "client_id": server.client,
        "secret": server.secret.get_secret_value(), "settings": {"server_url": server.address},
    }  # fmt: skip
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


ENVIRONMENT = read_environment()
_PRODUCTION = ENVIRONMENT.production
_HERE = Path(__file__).parent

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = False  # errors show a page that helps, never a traceback, in development too
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
ROOT_URLCONF = "xinzhi.site.urls"
WSGI_APPLICATION = "xinzhi.site.wsgi.application"
AUTH_USER_MODEL = "people.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": dict(ENVIRONMENT.database)}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "xinzhi.site",
    "xinzhi.campaign.audit",
    "xinzhi.campaign.jobs",
    "xinzhi.campaign.storage",
    "xinzhi.campaign.places",
    "xinzhi.campaign.people",
    "xinzhi.campaign.campaigns",
    "xinzhi.campaign.returns",
    "xinzhi.campaign.checking",
    "xinzhi.campaign.inbox",
    "xinzhi.campaign.opinion",
    "xinzhi.campaign.review",
    "xinzhi.campaign.results",
    "xinzhi.campaign.publications",
    "xinzhi.campaign.access",
]

MIDDLEWARE = [
    "xinzhi.site.metrics.Measured",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "xinzhi.site.middleware.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "xinzhi.site.middleware.SpokenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "xinzhi.site.middleware.SeenDevices",
    "xinzhi.site.middleware.ActingUser",
    "xinzhi.site.middleware.Bounds",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "xinzhi.campaign.pages.shared_by_all",
            ],
            "builtins": ["xinzhi.site.templatetags.writing"],
        },
    }
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- accounts ----------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "xinzhi.site.accounts.AccountAdapter"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False  # signed in until the browser is closed, twelve hours at most
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # to change an address: a stolen session must not become an account
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of a new password, address or authenticator
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = (
    True  # the office adds a second address too; nobody signs in by one not confirmed
)
MFA_ADAPTER = "xinzhi.site.passkeys.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "xinzhi.site.passkeys.CodeForm",
    "reauthenticate": "xinzhi.site.passkeys.CodeAgainForm",
    "add_webauthn": "xinzhi.site.passkeys.PasskeyForm",
    "edit_webauthn": "xinzhi.site.passkeys.PasskeyNameForm",
    "authenticate_webauthn": "xinzhi.site.passkeys.PasskeyAsSecondForm",
    "reauthenticate_webauthn": "xinzhi.site.passkeys.PasskeyAgainForm",
    "login_webauthn": "xinzhi.site.passkeys.PasskeyAloneForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = (
    "required"  # by PIN or finger: alone it is two factors, whatever it is used for
)
MFA_RATE_LIMITS = {"webauthn_login": "30/m/ip"}  # a whole office comes from one address
MFA_TOTP_ISSUER = "Xinzhi"
SOCIALACCOUNT_ADAPTER = "xinzhi.site.elsewhere.ElsewhereAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = (
    True  # one server alone, which the environment names and the office trusts
)
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_LOGIN_ON_GET = (
    True  # a form may lead nowhere but here; the adapter lets nothing else be begun so
)
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "oidc"
SOCIALACCOUNT_PROVIDERS = provider_of(ENVIRONMENT.sign_in_server)
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _PRODUCTION else 0  # nginx stands before us and says who asks

# --- sessions, cookies, headers ----------------------------------------------------------------------------

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
PASSWORD_RESET_TIMEOUT = 3 * 86_400
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "xinzhi.site.views.form_expired"
SECURE_HSTS_SECONDS = 31_536_000 if _PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _PRODUCTION
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # whether browsers preload the domain is its owner's to choose
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _PRODUCTION else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REDIRECT_EXEMPT = ["^healthz$"]
X_FRAME_OPTIONS = "DENY"

# --- language, time, files ---------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
USE_I18N = USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
STATIC_URL = "static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # files go through campaign.storage
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # static files are served from where they lie; nothing is to be collected
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_000_000

# --- services ----------------------------------------------------------------------------------------------

CACHES = {
    # Rate limits are counted here; memory of one process would count each process apart.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "site_cache"},
    # Of one process, for minutes: what is only read, and who was seen lately.
    "memory": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "TIMEOUT": 600,
        "OPTIONS": {"MAX_ENTRIES": 5_000},
    },
}
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.sender
if ENVIRONMENT.mail:
    _mail = urlsplit(ENVIRONMENT.mail)
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 25
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = _PRODUCTION and not EMAIL_USE_SSL
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = ENVIRONMENT.home / "mail"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "xinzhi.site.logs.JsonLine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"xinzhi": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
