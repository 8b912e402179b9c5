"""Outside systems: connections, canonical records, and the actions an agent may propose on them."""
