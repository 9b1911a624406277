"""Salesforce over its REST API, as the ports want it.

From the ground up: `transport` opens an HTTP session, `access` keeps it signed in, `client` makes
calls; `reader`, `writer` and `creator` fulfil the ports with them.
"""
