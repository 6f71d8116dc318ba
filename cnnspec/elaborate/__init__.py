"""From a parsed file to nets: names, values, shapes, paths."""
