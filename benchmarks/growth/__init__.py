"""What fits and forecasts cost as the data grow, and what that makes of more of them."""
