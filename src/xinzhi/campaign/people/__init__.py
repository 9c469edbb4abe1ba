"""People: accounts, the roles they hold, invitations, registration."""
