"""What turns a film into figures: pure functions and networks that know no Django."""
