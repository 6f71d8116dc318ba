"""Scenes and graphs as files: SVG, PDF, PNG, TikZ, dot and JSON."""
