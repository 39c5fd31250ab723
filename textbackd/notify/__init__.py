"""Ways to tell people that need no modem: mail and webhooks."""
