"""What all tests share: the lab with its real Asterisk."""

pytest_plugins = ["tests.lab.fixtures"]
