"""What fits and forecasts cost as data grow, and what that makes of more."""
