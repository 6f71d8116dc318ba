"""`cnnspec report` and `cnnspec reproduce`: runs beside the papers' figures."""
