"""The administration's pages about accounts: thin, a topic a file. `chatproject.admin_site` puts them together."""
