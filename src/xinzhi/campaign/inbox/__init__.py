"""What came by mail: stands beside the online copy, cell by cell, and a person chooses."""
