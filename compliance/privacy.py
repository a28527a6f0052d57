"""What of compliance is personal: nothing is kept here yet (`audit.privacy` has the words)."""

from audit.privacy import Declared

DECLARED: Declared = {}
