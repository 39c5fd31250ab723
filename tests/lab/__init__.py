"""A laboratory on loopback: a real Asterisk, a carrier and phones that do as they are told."""
