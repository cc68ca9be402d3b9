"""What commands and screens call: a scan as a plan and a run. No terminal, no widgets."""
