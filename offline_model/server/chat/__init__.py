"""The chat completions interface: its endpoint and the chunks of its streams."""
