"""Whether this workspace is the demo: its sign-in page then names whose conversations it shows."""

from django.conf import settings


def is_demo() -> bool:
    """Tell whether `manage.py up --demo` filled this workspace."""
    return (settings.DATA_DIR / "demo.json").exists()
