"""What arrives: mails, archives and files become returns with findings, provenance and a drafted reply."""
