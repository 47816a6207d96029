#include <map>

int five(int a, int b, std::map<int, int> c, int (*d)(int, int), int e) { return a; }

Holder::Holder(int a, int b, int c, int d, int e, int f) : a(a), b(b) {}

TEST(Suite, Name) {}
