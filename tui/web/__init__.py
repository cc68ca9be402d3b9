"""The screen in a browser: who may come in (gate) and what they are shown (serve)."""
