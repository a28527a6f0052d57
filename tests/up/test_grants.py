from django.db import connection


def test_the_application_connects_as_its_own_role():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("parley_app",)
