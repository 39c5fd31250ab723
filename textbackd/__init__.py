"""textbackd texts the callers that nobody answered."""

__version__ = "0.1.0"
