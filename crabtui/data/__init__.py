"""What the console shows, as plain values: nothing here knows a terminal."""
