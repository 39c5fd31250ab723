"""What happens by itself: a loop each. ``step`` does one unit of work; between two workers lies a committed row."""
