"""What is made from a declaration: Word and Excel forms, schema and pages; and checked files with their findings."""
