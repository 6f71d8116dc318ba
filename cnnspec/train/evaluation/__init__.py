"""`cnnspec eval`: the papers' test protocols on trained weights (T13)."""
