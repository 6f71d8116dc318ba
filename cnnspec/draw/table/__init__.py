"""Architecture tables as papers print them: stages down, nets across."""
