"""The residual program: classes and items with structure decided and numbers open."""
