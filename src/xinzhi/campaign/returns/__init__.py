"""Returns: what a unit files, cell by cell, its explanations, versions, attachments and way through the office."""
