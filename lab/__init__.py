"""A PRETEND OFFICE: network namespaces full of devices. Imports nothing of ours."""
