"""SHOWS AND DECIDES: Textual screens. Imports inventory, policies, agent.service and agent.events."""
