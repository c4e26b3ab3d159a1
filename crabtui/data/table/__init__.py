"""Tables of jobs as values: columns, rows, cursor."""
