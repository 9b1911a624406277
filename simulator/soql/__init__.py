"""SOQL: parsed by a grammar, compiled to SQL."""
