"""Work that is done later: a table of jobs with leases, beside the changes that ask for it."""
