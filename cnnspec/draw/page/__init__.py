"""The sheet of paper: points, font widths, colours, labels, and the shapes of a scene."""
