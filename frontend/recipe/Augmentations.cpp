//===- Augmentations.cpp - Kinds of crops, policies and erasing -----------===//

#include "frontend/recipe/Kinds.h"

namespace archc::recipe {

using namespace spec;

using Rows = std::vector<KeyRow>;

static RowBuilder rangeRow(const char *name, const char *help, double low, double high) {
  return numbers(name, help).ofLength(2).withDefault(numbersValue({low, high}));
}

static const bool crops[] = {
    registerRecipeKind(Slot::Crop, "none", "As in evaluation: resized, and the middle cut out.", ""),
    registerRecipeKind(Slot::Crop, "random_resized", "A random rectangle, resized to the input.", "arXiv:1409.4842",
                       {rangeRow("scale", "Least and largest area, as a share of the image's.", 0.08, 1)
                            .inRange(1e-4, 1)
                            .withExample("[0.35, 1.0]"),
                        rangeRow("ratio", "Least and largest width over height.", 3.0 / 4, 4.0 / 3)
                            .inRange(0.01, 100)
                            .withExample("[0.75, 1.33]")}),
    registerRecipeKind(Slot::Crop, "pad", "The image with black edges added, cut at a random place to the input's size.", "",
                       {integer("padding", "What is added on each side.")
                            .inRange(0, 1024)
                            .withUnit("pixels")
                            .withDefault(intValue(4))
                            .withExample("4")})};

static Rows randAugmentRows() {
  return {integer("ops", "Operations per image.").inRange(1, 16).withDefault(intValue(2)).withExample("2"),
          number("magnitude", "How strong they are.").inRange(0, 10).withDefault(floatValue(9)).withExample("9"),
          number("noise", "The standard deviation of the normal distribution around `magnitude`.")
              .inRange(0, 100)
              .withDefault(floatValue(0.5))
              .withExample("0.5"),
          number("probability", "How likely an operation drawn is done.")
              .inRange(0, 1)
              .withDefault(floatValue(0.5))
              .withExample("0.5"),
          boolean("increasing", "Whether every operation changes more as the magnitude grows (timm's `inc1`).")
              .withDefault(boolValue(true))
              .withExample("true")};
}

static const bool policies[] = {
    registerRecipeKind(Slot::Policy, "none", "No operation.", ""),
    registerRecipeKind(Slot::Policy, "rand_augment",
                       "Operations drawn evenly from a fixed list; timm's `rand-m9-n2-mstd0.5-inc1` is its default.",
                       "arXiv:1909.13719", randAugmentRows())};

static Rows eraseRows() {
  return {
      number("probability", "How likely an image is changed.").inRange(0, 1).withDefault(floatValue(0.25)).withExample("0.25"),
      integer("count", "The largest number of rectangles.").inRange(1, 64).withDefault(intValue(1)).withExample("1"),
      rangeRow("area", "Least and largest area, as a share of the image's; several rectangles divide it.", 0.02, 1.0 / 3)
          .inRange(1e-4, 1)
          .withExample("[0.02, 0.2]"),
      number("aspect", "The least height over width; the largest is its reciprocal.")
          .inRange(0.01, 1)
          .withDefault(floatValue(0.3))
          .withExample("0.3")};
}

static const bool erasing[] = {
    registerRecipeKind(Slot::Erase, "none", "Nothing is overwritten.", ""),
    registerRecipeKind(Slot::Erase, "const", "By zeros, the mean of the data.", "arXiv:1708.04896", eraseRows()),
    registerRecipeKind(Slot::Erase, "rand", "By one normally distributed colour.", "arXiv:1708.04896", eraseRows()),
    registerRecipeKind(Slot::Erase, "pixel", "By normally distributed values.", "arXiv:1708.04896", eraseRows())};

} // namespace archc::recipe
