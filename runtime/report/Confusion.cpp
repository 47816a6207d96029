#include "runtime/report/Confusion.h"

#include <algorithm>
#include <cmath>

namespace archrt::report {

Confusion::Confusion(int64_t classes, std::vector<std::string> names)
    : extent(classes), names(std::move(names)), counts(static_cast<size_t>(classes * classes)) {}

void Confusion::add(const float *logits, const int32_t *labels, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const float *row = logits + i * extent;
    add(labels[i], static_cast<int32_t>(std::max_element(row, row + extent) - row));
  }
}

std::string Confusion::nameOf(int64_t label) const {
  auto index = static_cast<size_t>(label);
  return index < names.size() ? names[index] : std::to_string(label);
}

static double ratio(int64_t part, int64_t whole) { return whole ? static_cast<double>(part) / static_cast<double>(whole) : 0; }

Confusion::ClassFigures Confusion::figuresOf(int64_t label) const {
  ClassFigures figures;
  int64_t right = counts[place(label, label)], answered = 0, mostWrong = 0;
  for (int64_t other = 0; other < extent; ++other) {
    int64_t wrong = other == label ? 0 : counts[place(label, other)];
    figures.images += counts[place(label, other)];
    answered += counts[place(other, label)];
    if (wrong > mostWrong)
      mostWrong = wrong, figures.takenFor = other;
  }
  figures.recall = ratio(right, figures.images);
  figures.precision = ratio(right, answered);
  figures.f1 = ratio(2 * right, figures.images + answered);
  return figures;
}

std::string Confusion::table() const {
  size_t width = 5;
  for (int64_t label = 0; label < extent; ++label)
    width = std::max(width, nameOf(label).size());
  auto name = [&](const std::string &text) { return text + std::string(width - text.size(), ' '); };
  std::string text = name("class") + "   images  accuracy  precision     F1  most often taken for\n";
  for (int64_t label = 0; label < extent; ++label) {
    ClassFigures figures = figuresOf(label);
    char line[96];
    std::snprintf(line, sizeof(line), " %8lld %8.2f %% %8.2f %% %6.3f", static_cast<long long>(figures.images),
                  100 * figures.recall, 100 * figures.precision, figures.f1);
    text += name(nameOf(label)) + line;
    if (figures.takenFor >= 0)
      text += "  " + nameOf(figures.takenFor) + " (" + std::to_string(counts[place(label, figures.takenFor)]) + ")";
    text += '\n';
  }
  return text;
}

// --- The picture -----------------------------------------------------------------------

static Color shade(double share) {
  auto mix = [&](int from, int to) { return static_cast<uint8_t>(std::lround(from + (to - from) * share)); };
  return {mix(247, 8), mix(251, 48), mix(255, 107)};
}

Picture Confusion::picture() const {
  // Cells shrink with the classes; numbers and names need room.
  int64_t cell = std::clamp<int64_t>(960 / extent, 2, 44);
  bool named = cell >= 10, numbered = cell >= 36;
  int64_t margin = 10;
  for (int64_t label = 0; named && label < extent; ++label)
    margin = std::max(margin, Picture::widthOf(nameOf(label)) + 16);
  Picture picture(margin + extent * cell + 10, margin + extent * cell + 10);
  constexpr Color ink{40, 40, 40}, light{255, 255, 255};
  for (int64_t label = 0; label < extent; ++label) {
    int64_t images = figuresOf(label).images, center = margin + label * cell + cell / 2;
    if (named) {
      picture.text(margin - 8 - Picture::widthOf(nameOf(label)), center - 3, nameOf(label), {ink, 1, true});
      picture.text(center - 3, margin - 8, nameOf(label), {ink, 1, false});
    }
    for (int64_t answer = 0; answer < extent; ++answer) {
      int64_t count = counts[place(label, answer)], x = margin + answer * cell;
      // The root keeps rare mistakes visible.
      double share = std::sqrt(ratio(count, images));
      picture.fill(x, margin + label * cell, cell, cell, shade(share));
      std::string digits = std::to_string(count);
      if (numbered && count)
        picture.text(x + (cell - Picture::widthOf(digits)) / 2, center - 3, digits, {share > 0.6 ? light : ink, 1, true});
    }
  }
  return picture;
}

} // namespace archrt::report
