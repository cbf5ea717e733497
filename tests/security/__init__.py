"""What an attacker, a corrupt insider or a forgotten filter meets: the walls, tried from outside."""
