"""The fields that histories edit: few, so that edits meet."""

from __future__ import annotations

from counterpart.domain.standard_fields import CONTACT_FIELDS as ALL_FIELDS

EDITED = ("email", "last_name", "job_title", "phone", "city", "company_name", "opted_out")

CONTACT_FIELDS = tuple(field for field in ALL_FIELDS if field.name in EDITED)
