"""Counterpart keeps a contact database and a Salesforce org in step, both ways."""
