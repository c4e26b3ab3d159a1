"""Events as they are shown: lines, rows, folds, density."""
