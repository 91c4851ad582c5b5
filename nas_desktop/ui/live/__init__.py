"""The live workspace: hit list, detail, chain, plots."""
