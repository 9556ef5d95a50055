"""Backups: the whole database, the secret key and checksums in one file, and the way back."""
