"""What actions do that no view can do alone: each class has methods `do_<id>`."""
