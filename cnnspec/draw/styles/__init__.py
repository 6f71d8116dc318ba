"""The other styles: nets side by side, modules, dense trunks, volumes, plots, and differences."""
