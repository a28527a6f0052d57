"""Where the cursor goes on a page that comes back with something wrong."""

from django.forms import Form


def focus(form: Form) -> str:
    """Let a form begin at its first field at fault, and name that; empty where it has none.

    A group of choices takes the focus as a whole, so its fieldset does that by the name.
    """
    for field in form.visible_fields():
        if field.errors:
            if not field.use_fieldset:
                field.field.widget.attrs["autofocus"] = True
            return field.name
    return ""
