"""Submissions from the command line: files, frozen trees, patience."""
