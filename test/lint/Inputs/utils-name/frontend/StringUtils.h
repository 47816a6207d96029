// a name that says nothing
