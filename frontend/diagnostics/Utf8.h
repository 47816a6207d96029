//===- Utf8.h - What is a character and what is not -----------------------===//

#ifndef ARCHC_FRONTEND_DIAGNOSTICS_UTF8_H
#define ARCHC_FRONTEND_DIAGNOSTICS_UTF8_H

#include <cstddef>
#include <string_view>

namespace archc::spec {

/// Length of the UTF-8 sequence at `text[at]`, or 0 when there is none (overlong forms, surrogates and values beyond U+10FFFF are none).
size_t utf8Length(std::string_view text, size_t at);

} // namespace archc::spec

#endif // ARCHC_FRONTEND_DIAGNOSTICS_UTF8_H
