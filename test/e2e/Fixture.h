//===- Fixture.h - What tools/dev/make_timm_fixtures.py wrote -------------===//

#ifndef ARCHC_TEST_E2E_FIXTURE_H
#define ARCHC_TEST_E2E_FIXTURE_H

#include <cstdint>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace archrt::test {

/// Logits of the original model in float64 for `images` random images, and how far it is off in float32.
struct Fixture {
  std::string name, spec; // spec: relative to the repository's root
  uint64_t seed = 0;
  int64_t images = 0, classes = 0;
  std::vector<int64_t> batches, inputNchw; // the input of one image: channels, height, width
  double float32Error = 0, largestLogit = 0;
  std::vector<double> logits; // [image][class]

  /// How far an implementation may be off: twice the original in float32, plus one ulp of the largest logit.
  double tolerance() const {
    float largest = static_cast<float>(largestLogit);
    return 2 * float32Error + (std::nextafter(largest, 2 * largest) - largest);
  }
};

inline std::vector<double> decodeBase64Doubles(const std::string &text) {
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    const char *alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = std::strchr(alphabet, c);
    if (c == '=' || !found)
      break;
    bits = bits << 6 | static_cast<uint32_t>(found - alphabet);
    if ((count += 6) >= 8)
      bytes.push_back(static_cast<char>(bits >> (count -= 8)));
  }
  std::vector<double> numbers(bytes.size() / sizeof(double));
  std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(double));
  return numbers;
}

/// Throws when the file is missing or not a fixture: a test then fails.
inline Fixture readFixture(const std::string &path) {
  nlohmann::json json = nlohmann::json::parse(std::ifstream(path));
  Fixture fixture;
  fixture.name = json.at("name"), fixture.spec = json.at("spec"), fixture.seed = json.at("seed");
  fixture.images = json.at("images"), fixture.classes = json.at("classes");
  fixture.batches = json.at("batches").get<std::vector<int64_t>>();
  fixture.inputNchw = json.at("input_nchw").get<std::vector<int64_t>>();
  fixture.float32Error = json.at("float32_error"), fixture.largestLogit = json.at("largest_logit");
  fixture.logits = decodeBase64Doubles(json.at("logits"));
  if (static_cast<int64_t>(fixture.logits.size()) != fixture.images * fixture.classes)
    throw std::runtime_error(path + ": the logits are not images x classes");
  return fixture;
}

} // namespace archrt::test

#endif // ARCHC_TEST_E2E_FIXTURE_H
