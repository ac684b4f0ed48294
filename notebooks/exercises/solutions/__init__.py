"""A page of answers for each exercise, named like its function: a package, so that a page may have the name of a module
that lies elsewhere."""
