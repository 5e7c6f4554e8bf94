"""What several processes tell each other through Redis. Knows neither hotels nor channels."""
