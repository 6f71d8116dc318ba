"""Python as the backend writes it: expressions that stay open, names, and their text."""
