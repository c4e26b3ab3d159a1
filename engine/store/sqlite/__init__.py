"""The store on SQLite: one writer, group commit, readers of their own."""
