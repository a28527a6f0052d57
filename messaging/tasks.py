"""What Celery does for messaging."""

from celery import shared_task


@shared_task  # type: ignore[untyped-decorator]
def say_scheduled() -> None:
    """Say what people have scheduled and is due."""
    from messaging import scheduled  # models are not there yet as this is imported

    scheduled.say_due()


@shared_task  # type: ignore[untyped-decorator]
def tell_moderators() -> None:
    """Tell moderators by mail of reports that are new."""
    from messaging import report_mail  # models are not there yet as this is imported

    report_mail.tell()


@shared_task  # type: ignore[untyped-decorator]
def import_people(draft: int) -> None:
    """Import a file of people that waits."""
    from accounts.models import PersonImport  # models are not there yet as this is imported
    from messaging import people_import

    if people_import.run(PersonImport.objects.select_related("uploaded_by").get(pk=draft)):
        import_people.delay(draft)
