"""PyTorch models, run once on the meta device and watched.  Imports torch: import it late."""
