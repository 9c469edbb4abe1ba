"""Units and bodies that file: administrative units with validity, enterprises and others with their approval."""
