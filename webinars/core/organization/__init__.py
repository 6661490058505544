"""What an organisation sets in the browser, over what the environment says (docs/decisions/0026)."""
