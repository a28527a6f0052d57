"""What Parley is measured beside: the least that could do the same work, or what people would write instead."""
