"""The fields that histories edit: few, so that edits meet."""

from __future__ import annotations

from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.records import CampaignObject
from counterpart.domain.standard_fields import COMPANY_FIELDS as ALL_COMPANY_FIELDS
from counterpart.domain.standard_fields import CONTACT_FIELDS as ALL_FIELDS
from counterpart.domain.values import FieldType

EDITED = ("email", "last_name", "job_title", "phone", "city", "company_name", "opted_out")

CONTACT_FIELDS = tuple(field for field in ALL_FIELDS if field.name in EDITED)

COMPANY_FIELDS = tuple(
    field for field in ALL_COMPANY_FIELDS if field.name in {"name", "website", "phone"}
)

# A field that members of campaigns have, in an org and here.
TABLE = "Table__c"

MEMBER_FIELDS = (
    FieldMapping(
        name="table",
        type=FieldType.STRING,
        mode=Mode.TWO_WAY,
        paths={CampaignObject.MEMBER: TABLE},
    ),
)
