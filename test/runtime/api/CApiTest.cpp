//===- CApiTest.cpp - archrt.h as a C program uses it ---------------------===//

#include "archrt/archrt.h"
#include "test/runtime/TinyArtifact.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

using namespace archrt::test;

namespace {
struct Handles {
  archrt_runtime *runtime = nullptr;
  archrt_model *model = nullptr;
  archrt_session *session = nullptr;
  ~Handles() {
    archrt_runtime_release(runtime); // in the order that is least natural
    archrt_model_release(model);
    archrt_session_release(session);
  }
};
} // namespace

static std::string saved(const std::string &name, const std::string &bytes) {
  std::string path = testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

static archrt_input inputOf(const float *data, int64_t batch) {
  archrt_input input = {};
  input.struct_size = sizeof(input);
  input.data = data;
  input.batch = batch;
  return input;
}

TEST(CApi, LabelsOfTheArtifact) {
  TinyArtifact tiny;
  for (int i = 0; i < kWidth; ++i)
    tiny.model.labels.push_back("class " + std::to_string(i));
  std::string artifact = saved("labels.archx", tiny.bytes());
  Handles h;
  ASSERT_EQ(archrt_runtime_create(nullptr, &h.runtime), ARCHRT_OK);
  ASSERT_EQ(archrt_model_load(h.runtime, artifact.c_str(), nullptr, &h.model), ARCHRT_OK) << archrt_last_error();
  EXPECT_STREQ(archrt_model_label(h.model, 0), "class 0");
  EXPECT_STREQ(archrt_model_label(h.model, 11), "class 11");
  for (int64_t outside : {int64_t(-1), int64_t(12), INT64_MIN})
    EXPECT_EQ(archrt_model_label(h.model, outside), nullptr);
}

TEST(CApi, LoadsAndRuns) {
  TinyArtifact tiny;
  std::string artifact = saved("capi.archx", tiny.bytes()), weights = saved("capi.safetensors", tinyWeights());
  Handles h;
  archrt_runtime_options options = {};
  options.struct_size = sizeof(options);
  options.threads = 2;
  std::vector<std::string> lines;
  options.log = [](void *user, const char *message) { static_cast<std::vector<std::string> *>(user)->push_back(message); };
  options.log_user = &lines;
  ASSERT_EQ(archrt_runtime_create(&options, &h.runtime), ARCHRT_OK);
  EXPECT_EQ(archrt_runtime_threads(h.runtime), 2);
  ASSERT_EQ(archrt_model_load(h.runtime, artifact.c_str(), nullptr, &h.model), ARCHRT_OK) << archrt_last_error();
  ASSERT_EQ(archrt_model_set_weights(h.model, weights.c_str(), nullptr), ARCHRT_OK) << archrt_last_error();
  EXPECT_EQ(lines.size(), 2u);

  archrt_model_info info = {};
  info.struct_size = sizeof(info);
  ASSERT_EQ(archrt_model_get_info(h.model, &info), ARCHRT_OK);
  EXPECT_STREQ(info.name, "tiny");
  EXPECT_STREQ(info.target, "cpu:x86-64");
  EXPECT_EQ(info.outputs, 12);
  EXPECT_EQ(info.params, 12);
  EXPECT_EQ(archrt_model_label(h.model, 0), nullptr);

  ASSERT_EQ(archrt_session_create(h.model, &h.session), ARCHRT_OK);
  ASSERT_EQ(archrt_session_add_tap(h.session, "stages.0.blocks.0"), ARCHRT_OK);
  ASSERT_EQ(archrt_session_reserve(h.session, 2), ARCHRT_OK);
  std::vector<float> data(24, 1.0f), output(24);
  archrt_input input = inputOf(data.data(), 2);
  ASSERT_EQ(archrt_session_run(h.session, &input, output.data(), output.size()), ARCHRT_OK) << archrt_last_error();
  EXPECT_EQ(output[0], 5.0f);
  EXPECT_EQ(output[23], 49.0f);
  archrt_tensor tap = {};
  tap.struct_size = sizeof(tap);
  ASSERT_EQ(archrt_session_get_tap(h.session, 0, &tap), ARCHRT_OK);
  EXPECT_STREQ(tap.name, "stages.0.blocks.0");
  ASSERT_EQ(tap.rank, 2);
  EXPECT_EQ(tap.shape[1], 12);
  EXPECT_EQ(tap.data[0], 3.0f);
  EXPECT_EQ(archrt_session_get_tap(h.session, 1, &tap), ARCHRT_ERROR_INVALID);
}

TEST(CApi, ErrorsHaveCodesAndMessages) {
  Handles h;
  ASSERT_EQ(archrt_runtime_create(nullptr, &h.runtime), ARCHRT_OK);
  EXPECT_EQ(archrt_model_load(h.runtime, "/nowhere.archx", nullptr, &h.model), ARCHRT_ERROR_INVALID);
  EXPECT_STREQ(archrt_last_error(), "cannot open `/nowhere.archx`: No such file or directory");
  EXPECT_EQ(h.model, nullptr);
  EXPECT_EQ(archrt_model_load(nullptr, "x", nullptr, &h.model), ARCHRT_ERROR_INVALID);
  EXPECT_STREQ(archrt_last_error(), "`runtime` is NULL");
  EXPECT_EQ(archrt_model_load(h.runtime, "/", nullptr, &h.model), ARCHRT_ERROR_INVALID);
  TinyArtifact future("cpu:some-future-isa");
  std::string bytes = future.bytes();
  EXPECT_EQ(archrt_model_load_memory(h.runtime, bytes.data(), bytes.size(), nullptr, &h.model), ARCHRT_ERROR_UNAVAILABLE);
  bytes[5000] ^= 1;
  EXPECT_EQ(archrt_model_load_memory(h.runtime, bytes.data(), bytes.size(), nullptr, &h.model), ARCHRT_ERROR_INVALID);
}

TEST(CApi, SmallerStructsOfOlderCallers) {
  Handles h;
  archrt_runtime_options options = {};
  options.threads = 7;
  options.struct_size = sizeof(size_t); // knew no `threads`
  ASSERT_EQ(archrt_runtime_create(&options, &h.runtime), ARCHRT_OK);
  EXPECT_NE(archrt_runtime_threads(h.runtime), 7);
  options.struct_size = 0;
  archrt_runtime *other = nullptr;
  EXPECT_EQ(archrt_runtime_create(&options, &other), ARCHRT_ERROR_INVALID);

  TinyArtifact tiny;
  std::string bytes = tiny.bytes(tinyWeights());
  ASSERT_EQ(archrt_model_load_memory(h.runtime, bytes.data(), bytes.size(), nullptr, &h.model), ARCHRT_OK) << archrt_last_error();
  archrt_model_info info = {};
  info.struct_size = offsetof(archrt_model_info, target);
  ASSERT_EQ(archrt_model_get_info(h.model, &info), ARCHRT_OK);
  EXPECT_STREQ(info.name, "tiny");
  EXPECT_EQ(info.target, nullptr);
  EXPECT_EQ(info.struct_size, offsetof(archrt_model_info, target));
}

TEST(CApi, OutputMustBeLargeEnough) {
  TinyArtifact tiny;
  std::string bytes = tiny.bytes(tinyWeights());
  Handles h;
  ASSERT_EQ(archrt_runtime_create(nullptr, &h.runtime), ARCHRT_OK);
  ASSERT_EQ(archrt_model_load_memory(h.runtime, bytes.data(), bytes.size(), nullptr, &h.model), ARCHRT_OK);
  ASSERT_EQ(archrt_session_create(h.model, &h.session), ARCHRT_OK);
  std::vector<float> data(24), output(24);
  archrt_input input = inputOf(data.data(), 2);
  EXPECT_EQ(archrt_session_run(h.session, &input, output.data(), 23), ARCHRT_ERROR_INVALID);
  EXPECT_STREQ(archrt_last_error(), "the output has room for 23 numbers; expected 24");
}

TEST(CApi, CacheFolder) {
  TinyArtifact tiny;
  std::string artifact = saved("capi-cache.archx", tiny.bytes()), weights = saved("capi-cache.safetensors", tinyWeights());
  std::string folder = testing::TempDir() + "capi-cache";
  std::filesystem::remove_all(folder);
  archrt_model_options options = {};
  options.struct_size = sizeof(options);
  options.cache_dir = folder.c_str();
  for (int start = 0; start < 2; ++start) {
    Handles h;
    ASSERT_EQ(archrt_runtime_create(nullptr, &h.runtime), ARCHRT_OK);
    ASSERT_EQ(archrt_model_load(h.runtime, artifact.c_str(), &options, &h.model), ARCHRT_OK) << archrt_last_error();
    ASSERT_EQ(archrt_model_set_weights(h.model, weights.c_str(), nullptr), ARCHRT_OK) << archrt_last_error();
    ASSERT_EQ(archrt_session_create(h.model, &h.session), ARCHRT_OK);
    std::vector<float> data(12), output(12);
    archrt_input input = inputOf(data.data(), 1);
    ASSERT_EQ(archrt_session_run(h.session, &input, output.data(), output.size()), ARCHRT_OK) << archrt_last_error();
    EXPECT_EQ(output[11], 48.0f);
    EXPECT_FALSE(std::filesystem::is_empty(folder));
  }
}
