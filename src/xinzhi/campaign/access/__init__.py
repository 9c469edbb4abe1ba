"""Ways in: the devices somebody is signed in with, tokens of programs, and the first account of a new platform."""
