"""What a user types: the options of each command. Nothing heavy is imported here."""
