"""Ways in without a browser: tokens of programs, and the first account of a new platform."""
