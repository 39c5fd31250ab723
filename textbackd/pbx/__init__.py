"""The PBX: its wire, and its events in our words."""
