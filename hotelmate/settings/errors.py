"""What is wrong with the settings."""


class SettingsError(Exception):
    """The settings cannot work; the message is one line that says what to set."""
