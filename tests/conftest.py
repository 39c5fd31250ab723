"""What all tests share: the lab with its real Asterisk."""

import hypothesis

pytest_plugins = ["tests.lab.fixtures"]

# The same examples each time: a red build can be looked into.
hypothesis.settings.register_profile("textbackd", derandomize=True, deadline=None)
hypothesis.settings.load_profile("textbackd")
