"""The tests: they mirror the packages; `kit` is their language, `bench` and `torture` run alone."""
