"""Sound: what is played, shown and spoken when something needs the operator."""
