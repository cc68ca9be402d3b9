"""FINDS AND TESTS: the only room that touches a network. Imports inventory and policies."""
