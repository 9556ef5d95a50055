"""How a site runs: its processes, its memory of finished pages, its backups."""
