"""All resources of the REST API."""

from simulator.rest import (
    batch,
    bulk_ingest,
    bulk_query,
    bulk_v1,
    collections,
    composite,
    graph,
    limits,
    list_views,
    missing,
    queries,
    replication,
    reports,
    retrieval,
    search,
    sobjects,
    trees,
)
from simulator.rest.router import Router

# Earlier routes win, so what is fixed stands before what takes any name.
ROUTER = Router(
    (
        *limits.ROUTES,
        *queries.ROUTES,
        *collections.ROUTES,
        *retrieval.ROUTES,
        *composite.ROUTES,
        *batch.ROUTES,
        *graph.ROUTES,
        *trees.ROUTES,
        *bulk_ingest.ROUTES,
        *bulk_query.ROUTES,
        *bulk_v1.ROUTES,
        *search.ROUTES,
        *reports.ROUTES,
        *replication.ROUTES,
        *list_views.ROUTES,
        *missing.ROUTES,
        *sobjects.ROUTES,
    )
)
