"""Results and diagnostics as text for people and as data for tools: one file for each format.

Text from a spec goes through the one escape function of its format (`escape`, S3) and nowhere is
it read as markup.
"""
