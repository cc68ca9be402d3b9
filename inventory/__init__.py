"""WHAT IS KNOWN: types, identity, the register, its history, snapshots, exports. Imports no other room."""
