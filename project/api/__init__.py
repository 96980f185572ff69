"""How the REST API behaves everywhere: errors, pages, throttles, permissions, schema, health."""
