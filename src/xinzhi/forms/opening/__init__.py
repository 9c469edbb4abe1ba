"""Where files of strangers are opened: limited children, what they do with a file, and the front door."""
