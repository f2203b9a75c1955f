"""What things cost."""

PRICE = 3
