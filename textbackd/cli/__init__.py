"""What the sysadmin types: one file per verb, or per family of verbs."""
