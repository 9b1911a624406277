"""All resources of the REST API."""

from simulator.rest import collections, composite, limits, queries, sobjects
from simulator.rest.router import Router

# Earlier routes win, so what is fixed stands before what takes any name.
ROUTER = Router(
    (
        *limits.ROUTES,
        *queries.ROUTES,
        *collections.ROUTES,
        *composite.ROUTES,
        *sobjects.ROUTES,
    )
)
