"""What fills the screen: one view or pushed screen per file, fed by the app."""
