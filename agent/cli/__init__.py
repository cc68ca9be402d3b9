"""The agent's commands, one module each; the front door imports only the one that is called."""
