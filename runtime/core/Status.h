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

private:
  ErrorCode errorCode = ErrorCode::None;
  std::string text;
};

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
  T *operator->() { return &*stored; }

private:
  std::optional<T> stored;
  Status failure;
};

} // namespace archrt

#endif // ARCHRT_CORE_STATUS_H
