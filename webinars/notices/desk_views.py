"""The delivery desk: who will miss a letter they need, why, and what to do now."""
