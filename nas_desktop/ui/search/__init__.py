"""The read-search workspace: the question and its reason, what was found, what it could see."""
