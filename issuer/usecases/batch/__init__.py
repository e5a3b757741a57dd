"""Many offers in one call, a line for each; lines fail one by one."""
