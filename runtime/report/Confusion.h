//===- Confusion.h - Which classes are taken for which --------------------===//

#ifndef ARCHRT_REPORT_CONFUSION_H
#define ARCHRT_REPORT_CONFUSION_H

#include "runtime/report/Picture.h"

#include <vector>

namespace archrt::report {

class Confusion {
public:
  /// `names` may be empty: then classes are numbers.
  Confusion(int64_t classes, std::vector<std::string> names);

  /// From the logits of `count` images, [count, classes]; the first of equal ones wins.
  void add(const float *logits, const int32_t *labels, int64_t count);
  void add(int32_t label, int32_t answer, int64_t images = 1) { counts[place(label, answer)] += images; }

  int64_t classes() const { return extent; }
  int64_t at(int32_t label, int32_t answer) const { return counts[place(label, answer)]; }
  std::string nameOf(int64_t label) const;

  struct ClassFigures {
    int64_t images = 0;
    double recall = 0, precision = 0, f1 = 0; // 0 where there is nothing to divide by
    int64_t takenFor = -1;                    // the most frequent wrong answer; -1: none
  };
  ClassFigures figuresOf(int64_t label) const;

  /// A line per class: images, accuracy (recall), precision, F1, most often taken for.
  std::string table() const;
  /// Rows are labels, columns answers; darker is more. Cells carry numbers and names where they fit.
  Picture picture() const;

private:
  size_t place(int64_t label, int64_t answer) const { return static_cast<size_t>(label * extent + answer); }

  int64_t extent;
  std::vector<std::string> names;
  std::vector<int64_t> counts; // [label, answer]
};

} // namespace archrt::report

#endif // ARCHRT_REPORT_CONFUSION_H
