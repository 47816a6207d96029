//===- Font.h - Letters of 5 x 7 pixels -----------------------------------===//

#ifndef ARCHRT_REPORT_FONT_H
#define ARCHRT_REPORT_FONT_H

#include <cstdint>
#include <string>
#include <vector>

namespace archrt::report {

constexpr int64_t kLetterWidth = 5, kLetterHeight = 7, kLetterStep = 6;

/// Seven rows from the top; bit 4 is the leftmost pixel.
const uint8_t *letterRows(char letter);

/// The letters of a UTF-8 text, those that are not ASCII as `?`.
std::string drawable(const std::string &text);

} // namespace archrt::report

#endif // ARCHRT_REPORT_FONT_H
