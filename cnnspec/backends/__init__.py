"""Backends: what an elaborated net is written to."""
