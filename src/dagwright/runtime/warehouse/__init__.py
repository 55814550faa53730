"""Code that loads tables: what a worker does for `warehouse_upload`, and the SQL that its operators show.

`names`, `types` and `table` are data that `dagwright check` uses as well; `source` reads files, `checking` compares
them with their tables; each engine has a module of its own.
"""
