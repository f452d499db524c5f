"""What may import what, and the check of it, for both languages."""
