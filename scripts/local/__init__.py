"""The local world: AWS and Salesforce on a laptop, with the very template of production."""
