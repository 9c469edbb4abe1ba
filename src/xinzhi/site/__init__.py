"""The platform as a web site: settings, addresses, base templates, static files, what every page shares."""
