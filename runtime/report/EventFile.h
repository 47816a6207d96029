//===- EventFile.h - Curves for TensorBoard -------------------------------===//
//
// TFRecord files of Event messages, written field by field: the wire format of protocol buffers needs no library for so few.
//
//===----------------------------------------------------------------------===//

#ifndef ARCHRT_REPORT_EVENTFILE_H
#define ARCHRT_REPORT_EVENTFILE_H

#include "runtime/core/ByteView.h"
#include "runtime/core/Status.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace archrt::report {

/// When something happened: the step on TensorBoard's axis, and seconds since 1970.
struct Moment {
  int64_t step = 0;
  double seconds = 0;
};

/// Appends to one file. Each call writes whole records; after a crash the last one may be cut, which readers take for the end.
class EventFile {
public:
  /// A new file `events.out.tfevents.<seconds>.archc.<number>` in `folder`. A run that is resumed begins at a step above 0 and tells
  /// readers to forget what other files of the folder say from there on.
  static Result<std::unique_ptr<EventFile>> create(const std::string &folder, const Moment &begin);
  ~EventFile();
  EventFile(const EventFile &) = delete;
  EventFile &operator=(const EventFile &) = delete;

  Status scalars(const Moment &moment, const std::vector<std::pair<std::string, double>> &values);
  /// `png` is a whole PNG file of that size.
  struct PngImage {
    std::string tag;
    int64_t height = 0, width = 0;
    ByteView png;
  };
  Status image(const Moment &moment, const PngImage &image);

  const std::string &path() const { return name; }

private:
  EventFile(std::string name, int descriptor) : name(std::move(name)), descriptor(descriptor) {}
  Status append(const Moment &moment, int field, const std::string &content);

  std::string name;
  int descriptor;
};

/// The checksum of iSCSI (Castagnoli's polynomial).
uint32_t crc32c(ByteView bytes);

} // namespace archrt::report

#endif // ARCHRT_REPORT_EVENTFILE_H
