// TODO: say which issue
// TODO(#3): this one says it
