"""Public opinion: lists of reports, counted per unit at home and abroad, approved into the two rows of the form."""
