"""Second factors: how somebody shows more than a password, who must, and what happens when a device is lost."""
