"""Style block: parts as boxes that know their size, laid out in columns on one page."""
