"""Prints an org's objects in the shapes of describe and describe global."""

from typing import Any

from simulator.schema import Field, ObjectType, Schema

SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}
MASTER_RECORD_TYPE = "012000000000000AAA"
INT_DIGITS = 8


def describe_global(schema: Schema, root: str) -> dict[str, Any]:
    """Return what the list of all objects answers; *root* is the path of the version."""
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [describe_basic(item, root) for item in _sorted(schema)],
    }


def describe_basic(item: ObjectType, root: str) -> dict[str, Any]:
    """Return the properties that describe global gives of one object."""
    flags = item.flags
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": flags["createable"],
        "custom": item.custom,
        "customSetting": False,
        "deepCloneable": flags["deepCloneable"],
        "deletable": flags["deletable"],
        "deprecatedAndHidden": False,
        "feedEnabled": flags["feedEnabled"],
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": item.prefix,
        "label": item.label,
        "labelPlural": item.label_plural,
        "layoutable": flags["layoutable"],
        "mergeable": flags["mergeable"],
        "mruEnabled": flags["mruEnabled"],
        "name": item.name,
        "queryable": flags["queryable"],
        "replicateable": flags["replicateable"],
        "retrieveable": flags["retrieveable"],
        "searchable": flags["searchable"],
        "triggerable": flags["triggerable"],
        "undeletable": flags["undeletable"],
        "updateable": flags["updateable"],
        "urls": _urls(item, root, everything=False),
    }


def describe_object(
    schema: Schema, item: ObjectType, root: str, instance_url: str
) -> dict[str, Any]:
    """Return the whole describe of one object."""
    flags = item.flags
    return describe_basic(item, root) | {
        "actionOverrides": [],
        "childRelationships": _child_relationships(schema, item),
        "compactLayoutable": flags["compactLayoutable"],
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [describe_field(one) for one in item.fields],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": _record_types(item, root),
        "searchLayoutable": flags["searchLayoutable"],
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [
            {"label": label, "name": name} for name, label in sorted(item.scopes.items())
        ],
        "urls": _urls(item, root, everything=True, instance_url=instance_url),
    }


def describe_field(one: Field) -> dict[str, Any]:
    """Return the describe of one field, every property included."""
    told = one.described
    return {
        "aggregatable": one.aggregatable,
        "aiPredictionField": False,
        "autoNumber": one.auto_number is not None,
        "byteLength": one.length * told["bytes"],
        "calculated": bool(told["calculated"]),
        "calculatedFormula": None,
        "cascadeDelete": False,
        "caseSensitive": one.case_sensitive,
        "compoundFieldName": one.compound,
        "controllerName": None,
        "createable": one.createable,
        "custom": one.custom,
        "defaultValue": one.default,
        "defaultValueFormula": None,
        "defaultedOnCreate": one.defaulted_on_create,
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": INT_DIGITS if one.type == "int" else 0,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": one.external_id,
        "extraTypeInfo": told["extraTypeInfo"],
        "filterable": one.filterable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": one.groupable,
        "highScaleNumber": False,
        "htmlFormatted": bool(told["htmlFormatted"]),
        "idLookup": one.id_lookup,
        "inlineHelpText": told["inlineHelpText"],
        "label": one.label,
        "length": one.length,
        "mask": None,
        "maskType": None,
        "name": one.name,
        "nameField": bool(told["nameField"]),
        "namePointing": bool(told["namePointing"]),
        "nillable": one.nillable,
        "permissionable": told["permissionable"],
        "picklistValues": [
            {
                "active": entry.active,
                "defaultValue": entry.default,
                "label": entry.label,
                "validFor": None,
                "value": entry.value,
            }
            for entry in one.values
        ],
        "polymorphicForeignKey": bool(told["polymorphicForeignKey"]),
        "precision": one.precision,
        "queryByDistance": one.type == "address",
        "referenceTargetField": None,
        "referenceTo": list(one.reference_to),
        "relationshipName": one.relationship_name,
        "relationshipOrder": None,
        "restrictedDelete": one.on_delete == "restrict",
        "restrictedPicklist": one.restricted,
        "scale": one.scale,
        "searchPrefilterable": bool(told["searchPrefilterable"]),
        "soapType": SOAP_TYPES.get(one.type, "xsd:string"),
        "sortable": one.sortable,
        "type": one.type,
        "unique": one.unique,
        "updateable": one.updateable,
        "writeRequiresMasterRead": False,
    }


def _sorted(schema: Schema) -> list[ObjectType]:
    return sorted(schema.objects.values(), key=lambda item: item.name)


def _child_relationships(schema: Schema, item: ObjectType) -> list[dict[str, Any]]:
    return [
        {
            "cascadeDelete": link.field.on_delete == "cascade",
            "childSObject": link.child.name,
            "deprecatedAndHidden": False,
            "field": link.field.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": link.field.child_relationship,
            "restrictedDelete": link.field.on_delete == "restrict",
        }
        for link in sorted(
            schema.children(item.name), key=lambda link: (link.child.name, link.field.name)
        )
    ]


def _record_types(item: ObjectType, root: str) -> list[dict[str, Any]]:
    if not item.flags["layoutable"]:
        return []
    return [
        {
            "active": True,
            "available": True,
            "defaultRecordTypeMapping": True,
            "developerName": "Master",
            "master": True,
            "name": "Master",
            "recordTypeId": MASTER_RECORD_TYPE,
            "urls": {
                "layout": f"{root}/sobjects/{item.name}/describe/layouts/{MASTER_RECORD_TYPE}"
            },
        }
    ]


def _urls(
    item: ObjectType, root: str, *, everything: bool, instance_url: str = ""
) -> dict[str, str]:
    base = f"{root}/sobjects/{item.name}"
    known = {
        "approvalLayouts": f"{base}/describe/approvalLayouts",
        "compactLayouts": f"{base}/describe/compactLayouts",
        "defaultValues": f"{base}/defaultValues?recordTypeId&fields",
        "describe": f"{base}/describe",
        "layouts": f"{base}/describe/layouts",
        "listviews": f"{base}/listviews",
        "namedLayouts": f"{base}/describe/namedLayouts/{{LayoutName}}",
        "passwordUtilities": f"{base}/{{ID}}/password",
        "quickActions": f"{base}/quickActions",
        "rowTemplate": f"{base}/{{ID}}",
        "sobject": base,
    }
    pages = {
        "uiDetailTemplate": f"{instance_url}/{{ID}}",
        "uiEditTemplate": f"{instance_url}/{{ID}}/e",
        "uiNewRecord": f"{instance_url}/{item.prefix}/e",
    }
    if everything:
        known |= pages
    return {name: known[name] for name in item.urls if name in known}
