//===- ArtifactSeeds.cpp - Writes the seeds of artifact-fuzz --------------===//
//
// Made from the tables as they are, so that a change of the format leaves no stale seed:
//
//     artifact-seeds FOLDER
//
//===----------------------------------------------------------------------===//

#include "test/runtime/TinyArtifact.h"

#include <cstdio>
#include <fstream>

using namespace archrt::test;

static bool write(const std::string &path, const std::string &bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  return static_cast<bool>(file.flush());
}

int main(int argc, char **argv) {
  if (argc != 2)
    return std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]), 2;
  std::string folder = argv[1];
  TinyArtifact plain, two;
  two.addPlan("cpu:x86-64-v4");
  bool ok = write(folder + "/plain", plain.bytes()) && write(folder + "/with-weights", plain.bytes(tinyWeights())) &&
            write(folder + "/two-plans", two.bytes());
  return ok ? 0 : 1;
}
