"""What an organisation sets in the browser (docs/decisions/0026)."""
