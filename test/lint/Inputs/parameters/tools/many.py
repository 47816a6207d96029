def six(a, b, c, d, e, f):
    return a
