"""What is generated from the protocol's structs is what they say now."""

from django.core.management import call_command


def test_the_clients_types_are_up_to_date():
    call_command("protocol_types", check=True)
