"""WHAT IS KNOWN: types, identity, the register, its history, snapshots and exports. Imports none of our rooms."""
