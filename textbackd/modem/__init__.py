"""The way to the radio: one Protocol, a real modem through gammu and a simulated one."""
