"""What a row means: grids, gaps, history, blocks and windows, without a network."""
