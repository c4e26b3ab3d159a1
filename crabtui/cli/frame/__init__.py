"""The program around the verbs: the line, its settings, its errors."""
