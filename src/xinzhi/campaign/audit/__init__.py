"""What happened, who did it and when: a chain of hashes that tells of every later change."""
