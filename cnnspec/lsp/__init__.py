"""The language server behind `cnnspec lsp`: the Language Server Protocol over standard streams.

It is thin over `cnnspec.editor`, and needs the extra `lsp` (pygls); nothing else imports it.
"""
