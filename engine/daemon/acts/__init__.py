"""Acts of operators: what they are about, what they would change, what became of each."""
