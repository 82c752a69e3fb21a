"""The planner's page: a local web server over the same calls as the command line."""
