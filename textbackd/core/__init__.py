"""The rules of the business: values in, values out. No I/O, no clock, no event loop, no log."""
