//===- CApi.cpp - archrt.h over the C++ objects ---------------------------===//
//
// The only place where exceptions can meet the border: the standard library's out-of-memory becomes a status here.
//
//===----------------------------------------------------------------------===//

#include "archrt/archrt.h"

#include "runtime/api/ModelImage.h"
#include "runtime/api/Session.h"

#include <cstring>
#include <new>

using namespace archrt;

struct archrt_runtime {
  std::shared_ptr<Runtime> object;
};
struct archrt_model {
  std::shared_ptr<Model> object;
  std::string target;
};
struct archrt_session {
  std::unique_ptr<Session> object;
  TapValue lastTap;
};

static std::string &lastError() {
  static thread_local std::string message;
  return message;
}

static archrt_status fail(const Status &status) {
  try {
    lastError() = status.message();
  } catch (...) {
    lastError().clear();
  }
  return static_cast<archrt_status>(status.code());
}

/// Runs `body`, which returns a Status, behind the border.
template <typename Body> static archrt_status guarded(const Body &body) {
  try {
    Status status = body();
    return status.ok() ? ARCHRT_OK : fail(status);
  } catch (const std::bad_alloc &) {
    return fail(environmentError("out of memory"));
  } catch (const std::exception &error) {
    return fail(environmentError("internal error: ", error.what()));
  }
}

static Status nullArgument(const char *name) { return invalid("`", name, "` is NULL"); }

#define ARCHRT_REQUIRE(argument)                                                                                                 \
  if (!(argument))                                                                                                               \
  return nullArgument(#argument)

/// What the caller's version of an options struct says; later fields keep their defaults. Defaults for null.
template <typename Struct> static Status readStruct(const Struct *given, Struct &out) {
  if (!given)
    return {};
  if (given->struct_size < sizeof(size_t))
    return invalid("`struct_size` is ", given->struct_size, "; expected sizeof the struct, ", sizeof(Struct));
  std::memcpy(&out, given, std::min(given->struct_size, sizeof(Struct)));
  return {};
}

/// Fills the caller's version of a result struct.
template <typename Struct> static Status writeStruct(Struct *out, Struct value) {
  if (out->struct_size < sizeof(size_t))
    return invalid("`struct_size` is ", out->struct_size, "; expected sizeof the struct, ", sizeof(Struct));
  value.struct_size = out->struct_size;
  std::memcpy(out, &value, std::min(out->struct_size, sizeof(Struct)));
  return {};
}

const char *archrt_last_error(void) { return lastError().c_str(); }
const char *archrt_version(void) { return ARCHRT_VERSION; }
uint32_t archrt_format_version(void) { return abi::kFormatVersion; }

archrt_status archrt_runtime_create(const archrt_runtime_options *given, archrt_runtime **out) {
  return guarded([&]() -> Status {
    ARCHRT_REQUIRE(out);
    archrt_runtime_options options = {};
    ARCHRT_TRY(readStruct(given, options));
    Runtime::Log log;
    if (options.log)
      log = [sink = options.log, user = options.log_user](const std::string &message) { sink(user, message.c_str()); };
    ARCHRT_ASSIGN(std::shared_ptr<Runtime> object, Runtime::create(options.threads, std::move(log)));
    *out = new archrt_runtime{std::move(object)};
    return {};
  });
}

void archrt_runtime_release(archrt_runtime *runtime) { delete runtime; }

int32_t archrt_runtime_threads(const archrt_runtime *runtime) { return runtime ? runtime->object->pool().threads() : 0; }

static Status loadModel(archrt_runtime *runtime, const archrt_model_options &options,
                        Result<std::shared_ptr<const Artifact>> artifact, archrt_model **out) {
  if (!artifact.ok())
    return artifact.status();
  ModelOptions modelOptions;
  if (options.device)
    modelOptions.device = options.device;
  if (options.target)
    modelOptions.target = options.target;
  if (options.cache_dir)
    modelOptions.cacheDir = options.cache_dir;
  ARCHRT_ASSIGN(std::shared_ptr<Model> object, Model::load(runtime->object, artifact.take(), modelOptions));
  std::string target = object->device().target();
  runtime->object->log(concat("loaded `", textOf(object->artifact().model().name()), "` for `", target, "`"));
  *out = new archrt_model{std::move(object), std::move(target)};
  return {};
}

static HashCheck hashCheckOf(const archrt_model_options &options) {
  return options.flags & ARCHRT_LOAD_SKIP_HASHES ? HashCheck::Off : HashCheck::On;
}

archrt_status archrt_model_load(archrt_runtime *runtime, const char *path, const archrt_model_options *given,
                                archrt_model **out) {
  return guarded([&]() -> Status {
    ARCHRT_REQUIRE(runtime);
    ARCHRT_REQUIRE(path);
    ARCHRT_REQUIRE(out);
    archrt_model_options options = {};
    ARCHRT_TRY(readStruct(given, options));
    return loadModel(runtime, options, Artifact::open(path, hashCheckOf(options)), out);
  });
}

archrt_status archrt_model_load_memory(archrt_runtime *runtime, const void *data, size_t size, const archrt_model_options *given,
                                       archrt_model **out) {
  return guarded([&]() -> Status {
    ARCHRT_REQUIRE(runtime);
    ARCHRT_REQUIRE(data);
    ARCHRT_REQUIRE(out);
    archrt_model_options options = {};
    ARCHRT_TRY(readStruct(given, options));
    return loadModel(runtime, options, Artifact::fromBytes({data, size}, hashCheckOf(options)), out);
  });
}

void archrt_model_release(archrt_model *model) { delete model; }

static Status setWeights(archrt_model *model, Result<SafetensorsFile> file, const archrt_weights_options *given) {
  if (!file.ok())
    return file.status();
  archrt_weights_options options = {};
  ARCHRT_TRY(readStruct(given, options));
  ImportOptions import;
  import.partial = options.flags & ARCHRT_WEIGHTS_PARTIAL;
  if (options.mapping)
    import.mapping = options.mapping;
  ImportReport report;
  ARCHRT_TRY(model->object->setWeights(*file, import, report));
  model->object->runtime().log(concat("weights: ", report.used.size(), " used, ", report.missing.size(), " missing, ",
                                      report.unused.size(), " unused, ", report.reshaped.size(), " reshaped, ",
                                      report.cast.size(), " cast"));
  return {};
}

archrt_status archrt_model_set_weights(archrt_model *model, const char *path, const archrt_weights_options *options) {
  return guarded([&]() -> Status {
    ARCHRT_REQUIRE(model);
    ARCHRT_REQUIRE(path);
    return setWeights(model, SafetensorsFile::open(path), options);
  });
}

archrt_status archrt_model_set_weights_memory(archrt_model *model, const void *data, size_t size,
                                              const archrt_weights_options *options) {
  return guarded([&]() -> Status {
    ARCHRT_REQUIRE(model);
    ARCHRT_REQUIRE(data);
    return setWeights(model, SafetensorsFile::parse({data, size}), options);
  });
}

archrt_status archrt_model_get_info(const archrt_model *model, archrt_model_info *info) {
  return guarded([&]() -> Status {
    ARCHRT_REQUIRE(model);
    ARCHRT_REQUIRE(info);
    const abi::Model &table = model->object->artifact().model();
    archrt_model_info value = {};
    value.name = table.name()->c_str();
    value.target = model->target.c_str();
    value.classes = table.classes();
    value.outputs = model->object->outputWidth();
    value.channels = table.input()->channels();
    value.height = table.input()->height();
    value.width = table.input()->width();
    for (size_t i = 0; i < sizeOf(table.params()); ++i) {
      int64_t elements = 1;
      for (size_t d = 0; d < sizeOf(table.params()->Get(i)->shape()); ++d)
        elements *= table.params()->Get(i)->shape()->Get(d);
      value.params += table.params()->Get(i)->role() == abi::Role::Buffer ? 0 : elements;
    }
    return writeStruct(info, value);
  });
}

const char *archrt_model_label(const archrt_model *model, int64_t index) {
  if (!model)
    return nullptr;
  const auto *labels = model->object->artifact().model().labels();
  return index >= 0 && static_cast<uint64_t>(index) < sizeOf(labels) ? labels->Get(index)->c_str() : nullptr;
}

archrt_status archrt_model_read_image(const archrt_model *model, const char *path, uint8_t *pixels, size_t size) {
  return guarded([&]() -> Status {
    ARCHRT_REQUIRE(model);
    ARCHRT_REQUIRE(path);
    ARCHRT_REQUIRE(pixels);
    int64_t wanted = model->object->inputElements();
    if (size < static_cast<size_t>(wanted))
      return invalid("the image has room for ", size, " pixels; expected ", wanted);
    ARCHRT_ASSIGN(Image image, readModelImage(model->object->artifact(), path));
    std::memcpy(pixels, image.pixels.data(), image.pixels.size());
    return {};
  });
}

archrt_status archrt_session_create(archrt_model *model, archrt_session **out) {
  return guarded([&]() -> Status {
    ARCHRT_REQUIRE(model);
    ARCHRT_REQUIRE(out);
    ARCHRT_ASSIGN(std::unique_ptr<Session> object, Session::create(model->object));
    *out = new archrt_session{std::move(object), {}};
    return {};
  });
}

void archrt_session_release(archrt_session *session) { delete session; }

archrt_status archrt_session_reserve(archrt_session *session, int64_t max_batch) {
  return guarded([&]() -> Status {
    ARCHRT_REQUIRE(session);
    return session->object->reserve(max_batch);
  });
}

archrt_status archrt_session_run(archrt_session *session, const archrt_input *input, float *output, size_t output_size) {
  return guarded([&]() -> Status {
    ARCHRT_REQUIRE(session);
    ARCHRT_REQUIRE(input);
    ARCHRT_REQUIRE(output);
    archrt_input given = {};
    ARCHRT_TRY(readStruct(input, given));
    if (given.format < ARCHRT_INPUT_F32_NHWC || given.format > ARCHRT_INPUT_U8_NHWC)
      return invalid("unknown input format ", static_cast<int>(given.format));
    RunInput run;
    run.data = given.data;
    run.batch = given.batch;
    run.kind = given.format == ARCHRT_INPUT_U8_NHWC ? InputKind::U8 : InputKind::F32;
    run.layout = given.format == ARCHRT_INPUT_F32_NCHW ? Layout::NCHW : Layout::NHWC;
    int64_t width = session->object->model().outputWidth();
    if (run.batch >= 1 && run.batch <= kMaxBatch && output_size < static_cast<size_t>(run.batch * width))
      return invalid("the output has room for ", output_size, " numbers; expected ", run.batch * width);
    return session->object->run(run, output);
  });
}

archrt_status archrt_session_add_tap(archrt_session *session, const char *name) {
  return guarded([&]() -> Status {
    ARCHRT_REQUIRE(session);
    ARCHRT_REQUIRE(name);
    return session->object->addTap(name);
  });
}

archrt_status archrt_session_get_tap(archrt_session *session, size_t index, archrt_tensor *out) {
  return guarded([&]() -> Status {
    ARCHRT_REQUIRE(session);
    ARCHRT_REQUIRE(out);
    if (index >= session->object->tapCount())
      return invalid("the session has ", session->object->tapCount(), " taps; expected an index below, got ", index);
    session->lastTap = session->object->tap(index);
    const TapValue &tap = session->lastTap;
    archrt_tensor value = {};
    value.name = tap.name.c_str();
    value.data = tap.data;
    value.rank = static_cast<int32_t>(tap.shape.size());
    value.shape = tap.shape.data();
    return writeStruct(out, value);
  });
}
