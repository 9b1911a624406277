"""What a real org has and this one has not, said in a sentence rather than with a wrong answer."""

from simulator.errors import unsupported
from simulator.messages import Response
from simulator.rest.call import Call
from simulator.rest.router import Resource, Route

MISSING = {
    "/actions{rest?}": "Invocable actions are not part of this org.",
    "/analytics/{rest*}": "Of analytics only tabular reports are here.",
    "/apexrest{rest?}": "There is no Apex in this org.",
    "/appMenu{rest?}": "Menus are not part of this org.",
    "/async-queries{rest?}": "Asynchronous SOQL is not part of this org.",
    "/chatter{rest?}": "Chatter is not part of this org.",
    "/connect{rest?}": "Connect REST is not part of this org.",
    "/consent{rest?}": "Consent is not part of this org.",
    "/event{rest?}": "Platform events are not part of this org.",
    "/jobs/{rest*}": "Of jobs only ingest and query are here.",
    "/metadata{rest?}": "Metadata is read from the source project when the org starts.",
    "/process{rest?}": "Approval processes are not part of this org.",
    "/quickActions{rest?}": "Quick actions are not part of this org.",
    "/recent{rest?}": "Recently viewed records are not kept.",
    "/search/{rest*}": "Of searches only SOSL and the parameterized search are here.",
    "/sobjects/{name}/describe/{rest*}": "Layouts are not part of this org.",
    "/sobjects/{name}/defaultValues{rest?}": "Default values are not served.",
    "/sobjects/{name}/quickActions{rest?}": "Quick actions are not part of this org.",
    "/sobjects/{name}/listviews/{rest*}": "Of a list view only describe and results are here.",
    "/sobjects/{name}/{record_id}/{field}/{rest*}": "Relationship paths stop at one step.",
    "/support{rest?}": "Knowledge is not part of this org.",
    "/tabs{rest?}": "Tabs are not part of this org.",
    "/theme{rest?}": "Themes are not part of this org.",
    "/tooling{rest?}": "The Tooling API is not part of this org.",
    "/ui-api{rest?}": "The User Interface API is not part of this org.",
    "/wave{rest?}": "CRM Analytics is not part of this org.",
}
METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")


def _says(sentence: str) -> Resource:
    def refuse(_call: Call, **_values: str) -> Response:
        raise unsupported(sentence)

    return refuse


ROUTES = tuple(
    Route(
        method=method,
        path=path,
        resource=_says(sentence),
        kind="unsupported",
    )
    for path, sentence in MISSING.items()
    for method in METHODS
)
