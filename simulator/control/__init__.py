"""The control plane: what people and tests do to an org, out of the product's sight."""
