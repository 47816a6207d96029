//===- Accuracy.cpp - archc accuracy: how often the first answer is right -===//

#include "runtime/api/Session.h"
#include "runtime/data/Idx.h"
#include "tools/driver/ModelSource.h"
#include "tools/driver/PrintJson.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>

using namespace archrt;

namespace archc::driver {

namespace {

struct AccuracyOptions {
  ModelOptions model;
  std::string data = "fashion-mnist";
  int64_t batch = 100, images = 0, show = 1;
  bool json = false;
};

class AccuracyRun {
public:
  explicit AccuracyRun(const AccuracyOptions &options) : options(options), names(classNames(options.data)) {}

  Status run() {
    ARCHRT_ASSIGN(images, readLabelledImages(options.data, Split::Test));
    if (options.images > 0)
      images.count = std::min(images.count, options.images);
    ARCHRT_ASSIGN(model, openModel(options.model));
    ARCHRT_TRY(checkInput());
    ARCHRT_TRY(classify());
    print();
    return {};
  }

private:
  Status checkInput() const {
    const abi::InputInfo *input = model->artifact().model().input();
    if (input->channels() == 1 && input->height() == images.height && input->width() == images.width)
      return {};
    return invalid("`", options.data, "` has images of 1x", images.height, "x", images.width, "; the model takes ",
                   input->channels(), "x", input->height(), "x", input->width());
  }

  Status classify() {
    ARCHRT_ASSIGN(std::unique_ptr<Session> session, Session::create(model));
    ARCHRT_TRY(session->reserve(options.batch));
    std::vector<float> logits(size_t(options.batch * model->outputWidth()));
    auto started = std::chrono::steady_clock::now();
    for (int64_t first = 0; first < images.count; first += options.batch) {
      RunInput input;
      input.data = images.image(first);
      input.kind = InputKind::U8;
      input.batch = std::min(options.batch, images.count - first);
      ARCHRT_TRY(session->run(input, logits.data()));
      for (int64_t i = 0; i < input.batch; ++i)
        count(first + i, logits.data() + i * model->outputWidth());
    }
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return {};
  }

  void count(int64_t image, const float *logits) {
    int64_t width = model->outputWidth(), best = std::max_element(logits, logits + width) - logits;
    int64_t label = images.labels[size_t(image)];
    right += best == label;
    if (image >= options.show)
      return;
    double sum = 0; // of the softmax, relative to the largest logit
    for (int64_t i = 0; i < width; ++i)
      sum += std::exp(double(logits[i]) - logits[best]);
    char percent[16];
    std::snprintf(percent, sizeof(percent), "%.1f %%", 100 / sum);
    samples += "image " + std::to_string(image) + ": " + nameOf(best) + " (" + percent + "), labelled " + nameOf(label) + '\n';
  }

  std::string nameOf(int64_t index) const {
    return index < int64_t(names.size()) ? names[size_t(index)] : "class " + std::to_string(index);
  }

  void print() const {
    double part = images.count ? double(right) / double(images.count) : 0, rate = double(images.count) / std::max(seconds, 1e-9);
    std::string target = model->device().target();
    int threads = model->runtime().pool().threads();
    if (options.json) {
      nlohmann::ordered_json out = {{"target", target}, {"threads", threads}, {"images", images.count}, {"right", right},
                                    {"accuracy", part}, {"seconds", seconds}, {"images_per_s", rate}};
      printJson(out);
      return;
    }
    char line[160];
    std::snprintf(line, sizeof(line), "%lld of %lld right: %.2f %%; %.2f s, %.0f images/s on %d threads (%s)\n", (long long)right,
                  (long long)images.count, 100 * part, seconds, rate, threads, target.c_str());
    std::cout << samples << line;
  }

  const AccuracyOptions &options;
  std::vector<std::string> names;
  LabelledImages images;
  std::shared_ptr<Model> model;
  int64_t right = 0;
  double seconds = 0;
  std::string samples; // lines about the first images
};

const bool registered = registerCommand(
    {"accuracy", "Classify the test images of a data set and count the right answers",
     "archc accuracy caformer_tiny28 --weights archs/weights/caformer_tiny28_fashion_mnist.safetensors --data fashion-mnist",
     [](CLI::App &app) -> std::function<int()> {
       auto options = std::make_shared<AccuracyOptions>();
       addModelOptions(app, options->model);
       app.get_option("--weights")->required();
       app.add_option("--data", options->data, "`fashion-mnist`, or a folder with MNIST's four files")->capture_default_str();
       app.add_option("--batch", options->batch, "Images per call")->check(CLI::Range(1, 65536))->capture_default_str();
       app.add_option("--images", options->images, "Only so many of the test images; 0 for all")->check(CLI::NonNegativeNumber);
       app.add_option("--show", options->show, "Print the answer for so many images")->check(CLI::NonNegativeNumber);
       app.add_flag("--json", options->json, "Print the counts as JSON");
       return [options] { return report(AccuracyRun(*options).run()); };
     }});

} // namespace

} // namespace archc::driver
