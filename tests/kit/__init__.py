"""What tests are written in: builders, fakes, and real processes in a temporary folder."""
