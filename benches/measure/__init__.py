"""What `benches/run` and `benches/instructions` have in common and are made of."""
