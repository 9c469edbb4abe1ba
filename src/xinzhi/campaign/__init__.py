"""The campaign office's work: people and units, campaigns, returns, audit and jobs, an app for each."""
