"""The console in a browser on this machine: a page, its guards, and a console for each."""
