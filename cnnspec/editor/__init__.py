"""What an editor, a browser and a notebook ask of the compiler: pure, standard library only.

`analysis` checks a text and keeps what it found; `facts` says of each line what it makes; `names`
knows every name with its place and what it means; `symbols`, `definition`, `references`, `hover`
and `complete` answer for a place of a file; `fixes` turns what a message says into edits.
"""
