"""The tests mirror the packages; `kit` is their language, `bench` and `torture` run alone."""
