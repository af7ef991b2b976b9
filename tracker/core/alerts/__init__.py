"""What support crews must know before anyone calls: one rule per kind of trouble, and the life of an alert. Pure."""
