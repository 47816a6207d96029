//===- Status.h - How the runtime says that something went wrong ----------===//
//
// Nothing of the runtime throws or prints: a function that can fail returns Status, or Result<T> when it also has a value.
// Messages follow the house's wording (lower case, what was found, then what was expected).
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_CORE_STATUS_H
#define ARCHRT_CORE_STATUS_H

#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace archrt {

/// The numbers are the exit codes of `archc`.
enum class ErrorCode {
  None = 0,
  Environment = 1, // disk, memory, or a bug of ours
  Input = 2,       // something the user gave is wrong
  Budget = 3,      // verification or a budget not met
  Target = 4,      // this host cannot run it
};

class [[nodiscard]] Status {
public:
  Status() = default;
  Status(ErrorCode code, std::string message) : errorCode(code), text(std::move(message)) {}

  static Status success() { return Status(); }
  /// An error about something the user gave.
  static Status invalid(std::string message) { return Status(ErrorCode::Input, std::move(message)); }

  bool ok() const { return errorCode == ErrorCode::None; }
  ErrorCode code() const { return errorCode; }
  const std::string &message() const { return text; }

  /// The same error with "`context`: " in front: a file, a section, a step.
  Status in(std::string_view context) && {
    if (!ok())
      text.insert(0, std::string(context) + ": ");
    return std::move(*this);
  }

private:
  ErrorCode errorCode = ErrorCode::None;
  std::string text;
};

namespace detail {
inline void append(std::string &out, std::string_view part) { out += part; }
inline void append(std::string &out, char part) { out += part; }
template <typename T, typename = std::enable_if_t<std::is_arithmetic_v<T>>> void append(std::string &out, T part) {
  out += std::to_string(part);
}
} // namespace detail

/// Strings and numbers, one after the other.
template <typename... Parts> std::string concat(const Parts &...parts) {
  std::string out;
  (detail::append(out, parts), ...);
  return out;
}

template <typename... Parts> Status invalid(const Parts &...parts) { return {ErrorCode::Input, concat(parts...)}; }
template <typename... Parts> Status unavailable(const Parts &...parts) { return {ErrorCode::Target, concat(parts...)}; }
template <typename... Parts> Status environmentError(const Parts &...parts) { return {ErrorCode::Environment, concat(parts...)}; }

/// A value, or the reason why there is none.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : stored(std::move(value)) {}
  Result(Status status) : failure(std::move(status)) { assert(!failure.ok() && "a failed result needs an error"); }

  bool ok() const { return failure.ok(); }
  const Status &status() const { return failure; }
  T &value() { return *stored; }
  const T &value() const { return *stored; }
  T &operator*() { return *stored; }
  const T &operator*() const { return *stored; }
  T *operator->() { return &*stored; }
  const T *operator->() const { return &*stored; }
  T take() { return std::move(*stored); }

private:
  std::optional<T> stored;
  Status failure;
};

} // namespace archrt

/// Returns from the enclosing function when `expression` (a Status) failed.
#define ARCHRT_TRY(expression)                                                                                                   \
  do {                                                                                                                           \
    if (::archrt::Status tried_ = (expression); !tried_.ok())                                                                    \
      return tried_;                                                                                                             \
  } while (false)

#define ARCHRT_JOIN2(a, b) a##b
#define ARCHRT_JOIN(a, b) ARCHRT_JOIN2(a, b)
/// `ARCHRT_ASSIGN(auto x, expression)`: the value of a Result, or return its error.
#define ARCHRT_ASSIGN(declaration, expression) ARCHRT_ASSIGN2(ARCHRT_JOIN(result_, __LINE__), declaration, expression)
#define ARCHRT_ASSIGN2(temporary, declaration, expression)                                                                       \
  auto temporary = (expression);                                                                                                 \
  if (!temporary.ok())                                                                                                           \
    return temporary.status();                                                                                                   \
  declaration = temporary.take()

#endif // ARCHRT_CORE_STATUS_H
