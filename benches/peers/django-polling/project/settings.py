import os

# Nothing is signed.
SECRET_KEY = "benchmark"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
DEBUG = False
INSTALLED_APPS = ["project.apps.BoardsConfig"]
MIDDLEWARE = []
ROOT_URLCONF = "project.urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["DATABASE"],
        # All queries are made in one thread (run_asgi.py), whose connection stays.
        "CONN_MAX_AGE": None,
        # Every commit is synced (SQLite's default), as dotcast's are.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode = WAL"},
    }
}
