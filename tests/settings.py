"""Settings of the platform under test: a home of its own, quick hashing of passwords, either database."""

import os
import tempfile
from pathlib import Path

_home = (
    Path(tempfile.gettempdir())
    / f"xinzhi-tests-{os.getuid()}"
    / os.environ.get("PYTEST_XDIST_WORKER", "main")
)
os.environ["XINZHI_MODE"] = "development"
os.environ["XINZHI_HOME"] = str(_home)
os.environ["XINZHI_DATABASE"] = os.environ.get("XINZHI_TEST_DATABASE", "")

from xinzhi.site.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["*"]
ACCOUNT_RATE_LIMITS = False
CACHES["memory"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}  # noqa: F405  # tests share a process
