"""Nets that nobody here wrote, imported: torchvision's, timm's, and what `gen` made of ours."""
