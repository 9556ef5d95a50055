"""Backup and restore: the whole database, the secret key and checksums in one file."""
