"""Cases and experts: screening, blind views, assignment, scoring, agreement, shortlist, decisions."""
