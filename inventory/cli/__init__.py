"""The commands on what is known: scope, register, findings, snapshot."""
