"""What an index can bear, and what it says."""
