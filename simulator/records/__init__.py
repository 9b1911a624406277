"""What happens when records are written: checks, rules of single objects, automation."""
