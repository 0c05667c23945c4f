"""Company: the truth that all systems are about, drawn from a seed."""
