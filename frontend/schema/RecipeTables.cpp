//===- RecipeTables.cpp - The rows of a recipe's tables -------------------===//

#include "frontend/components/KeyRows.h"
#include "frontend/schema/Schema.h"

namespace archc::spec {

namespace {

constexpr double kMostImages = 1 << 24;

RowBuilder count(const char *name, const char *help, double least, int64_t byDefault) {
  return integer(name, help).inRange(least, kMostImages).withDefault(intValue(byDefault));
}

RowBuilder probability(const char *name, const char *help, double byDefault) {
  return number(name, help).inRange(0, 1).withDefault(floatValue(byDefault));
}

RowBuilder flag(const char *name, const char *help, bool byDefault) {
  return boolean(name, help).withDefault(boolValue(byDefault)).withExample(byDefault ? "false" : "true");
}

TableSchema runTable() {
  return {"run",
          "[run]",
          "What the recipe is called, how long it trains and what is kept.",
          {integer("edition", "The edition of the language that the recipe is written in.").withExample("1"),
           word("name", "The recipe's name.").withDefault(stringValue("")).withExample("\"cifar100\""),
           word("extends", "A recipe that this one alters: a path relative to this file, or the name of a shipped recipe.")
               .withoutDefault()
               .withExample("\"metaformer_in1k.toml\""),
           count("epochs", "How often the training images are gone through, warm-up and cool-down left out as `[schedule]` says.",
                 1, 300)
               .withUnit("epochs")
               .withExample("300"),
           count("seed", "What all randomness of the run derives from.", 0, 42).withExample("1"),
           count("checkpoint_every", "The distance between two checkpoints.", 1, 1).withUnit("epochs").withExample("5"),
           count("keep", "How many of the latest checkpoints stay, beside the best one.", 1, 2).withExample("3"),
           count("eval_every", "The distance between two evaluations; the last epoch is always evaluated.", 1, 1)
               .withUnit("epochs")
               .withExample("5"),
           count("log_every", "The distance between two lines of metrics.", 1, 50).withUnit("updates").withExample("10"),
           word("metric", "What makes a checkpoint the best one: the highest accuracy or the lowest loss of evaluation.")
               .oneOf({"top1", "top5", "loss"})
               .withDefault(stringValue("top1"))
               .withExample("\"loss\"")}};
}

TableSchema dataTable() {
  return {
      "data",
      "[data]",
      "How the images come: how many at once, in which order, read by how many threads.",
      {count("batch", "Images per update of the weights.", 1, 128).withUnit("images").withExample("1024"),
       count("accumulate", "Into how many equal parts a batch is cut, whose gradients are added up; it divides `batch`.", 1, 1)
           .withExample("4"),
       count("eval_batch", "Images per step of an evaluation; 0: as many as a part of a batch has.", 0, 0)
           .withUnit("images")
           .withExample("256"),
       flag("shuffle", "Whether each epoch has an order of its own; otherwise it is that of the data.", true),
       flag("drop_last", "Whether images that do not fill a last batch are left out of the epoch.", true),
       integer("repeats", "How often an image stands in an epoch's order, each time augmented anew (repeated augmentation). The "
                          "epoch has no more images for that.")
           .inRange(1, 64)
           .withDefault(intValue(1))
           .withExample("3"),
       word("corrupt", "What an image that cannot be decoded does: it stops the run, or it is named and another takes its place.")
           .oneOf({"stop", "skip"})
           .withDefault(stringValue("stop"))
           .withExample("\"skip\""),
       integer("loaders", "Threads that decode and augment ahead of the step; results do not depend on their number.")
           .inRange(1, 256)
           .withDefault(intValue(1))
           .withExample("4"),
       integer("prefetch", "How far ahead of the step the threads may be.")
           .inRange(1, 64)
           .withDefault(intValue(2))
           .withUnit("parts of a batch")
           .withExample("4"),
       count("limit", "Only so many of the training images are used, spread evenly; 0: all.", 0, 0)
           .withUnit("images")
           .withExample("2000"),
       count("eval_limit", "Only so many images are evaluated, spread evenly; 0: all.", 0, 0)
           .withUnit("images")
           .withExample("500")}};
}

TableSchema augmentTable() {
  auto jitter = [](const char *name, const char *help, double most) {
    return number(name, help).inRange(0, most).withDefault(floatValue(0)).withExample("0.4");
  };
  return {"augment",
          "[augment]",
          "What is done to one image, in this order: crop, flips, policy, colours, normalisation, erase.",
          {nested("crop", Slot::Crop, "Which part of the image becomes the input.")
               .withDefault(componentValue("none"))
               .withExample("\"random_resized\""),
           word("interpolation", "How an image is resized; `random` draws one of the two for each image.")
               .oneOf({"bicubic", "bilinear", "random"})
               .withDefault(stringValue("bicubic"))
               .withExample("\"random\""),
           probability("flip", "How likely left and right are swapped.", 0).withExample("0.5"),
           probability("vertical_flip", "How likely top and bottom are swapped.", 0).withExample("0.5"),
           nested("policy", Slot::Policy, "Operations drawn for each image.")
               .withDefault(componentValue("none"))
               .withExample("\"rand_augment\""),
           jitter("brightness", "Brightness is multiplied by a factor between 1 - x and 1 + x.", 1),
           jitter("contrast", "Contrast is multiplied by a factor between 1 - x and 1 + x.", 1),
           jitter("saturation", "Saturation is multiplied by a factor between 1 - x and 1 + x.", 1),
           jitter("hue", "Hue is turned by a share of the circle between -x and x.", 0.5),
           nested("erase", Slot::Erase, "Rectangles of the normalised image that are overwritten.")
               .withDefault(componentValue("none"))
               .withExample("{ kind = \"pixel\", probability = 0.25 }")}};
}

TableSchema regularizeTable() {
  auto alpha = [](const char *name, const char *help, const char *example) {
    return number(name, help).inRange(0, 100).withDefault(floatValue(0)).withExample(example);
  };
  return {"regularize",
          "[regularize]",
          "What keeps the model from learning the training images by heart.",
          {alpha("mixup", "Alpha of the Beta distribution by which two images are blended; 0: they are not.", "0.8"),
           alpha("cutmix", "Alpha of the Beta distribution by which a rectangle of another image is put in; 0: none is.", "1.0"),
           probability("mix_probability", "How likely a batch is mixed at all.", 1).withExample("0.5"),
           probability("mix_switch", "How likely a mixed batch has cutmix instead of mixup, where both are on.", 0.5)
               .withExample("0.3"),
           count("mix_off_epoch", "From this epoch on, counted from 0, nothing is mixed; 0: to the end all is.", 0, 0)
               .withUnit("epochs")
               .withExample("270"),
           number("drop_path", "The rate at which the last block's branches are left out; it rises linearly from 0 at the first "
                               "block.")
               .inRange(0, 0.95)
               .withDefault(floatValue(0))
               .withExample("0.1"),
           number("head_dropout", "The rate at which inputs of the last linear layer are set to zero.")
               .inRange(0, 0.95)
               .withDefault(floatValue(0))
               .withExample("0.4")}};
}

TableSchema emaTable() {
  return {"ema",
          "[ema]",
          "A moving average of the weights, which is evaluated and kept beside them.",
          {number("decay", "What is kept of the average at each update; 0: there is no average.")
               .inRange(0, 0.9999999)
               .withDefault(floatValue(0))
               .withExample("0.9999"),
           flag("warmup",
                "Whether the decay of update t, from 1, is at most (1 + t) / (10 + t), so that the start is forgotten soon.",
                false)}};
}

} // namespace

const std::vector<TableSchema> &recipeTables() {
  static const std::vector<TableSchema> tables = {
      runTable(),
      dataTable(),
      {"optimizer", "[optimizer]", "How gradients change the weights.", {}, Slot::Optimizer, "adamw"},
      {"schedule", "[schedule]", "The learning rate over time, as timm's schedulers define it.", {}, Slot::Schedule, "cosine"},
      augmentTable(),
      regularizeTable(),
      {"loss", "[loss]", "What is minimised.", {}, Slot::Loss, "cross_entropy"},
      emaTable()};
  return tables;
}

} // namespace archc::spec
