"""Forms compiled from the Qt Designer sources."""
