"""Widgets: values in, messages out; none looks for its app or its siblings."""
