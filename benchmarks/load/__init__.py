"""The platform under load: people who edit, send and upload at once, and whether anything was lost or doubled."""
