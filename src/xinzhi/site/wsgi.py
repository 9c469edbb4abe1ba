"""Where gunicorn finds the platform: ``gunicorn xinzhi.site.wsgi``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinzhi.site.settings")

application = get_wsgi_application()
