"""Work that crosses rooms: import then embed, rank many startups."""
