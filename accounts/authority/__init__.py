"""Who may do what: verbs, roles, grants, four eyes and barriers."""
