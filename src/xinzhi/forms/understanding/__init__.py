"""From a neutral document to what was filed: labels found, figures never guessed, ticks, hints and headings."""
