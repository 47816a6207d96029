#include <iostream>
// std::cout in a comment is no output
void report() { std::cerr << "lost"; }
void leave() { exit(1); }
