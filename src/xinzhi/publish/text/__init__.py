"""Text from numbers: where units stand, keys of the numbers, findings, and the templates that word them."""
