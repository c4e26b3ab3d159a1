"""The pool: calls of tools and stages, in processes that outlive single failures."""
