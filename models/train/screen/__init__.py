"""The app's screen again, and what it is measured on."""
