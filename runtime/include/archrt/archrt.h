//===- archrt.h - The C interface of the archc runtime --------------------===//
/*
 *
 * A runtime owns threads, a model is an artifact with weights on a device, a session is one caller's working memory:
 *
 *     archrt_runtime *runtime;  archrt_model *model;  archrt_session *session;
 *     archrt_runtime_create(NULL, &runtime);
 *     archrt_model_load(runtime, "caformer_s18.archx", NULL, &model);
 *     archrt_model_set_weights(model, "caformer_s18.safetensors", NULL);
 *     archrt_session_create(model, &session);
 *     archrt_session_reserve(session, 8);
 *     archrt_session_run(session, &input, logits, logits_size);
 *
 * Errors    Every function that can fail returns a status; archrt_last_error() has the message, per thread, until the thread's
 *           next failing call. Nothing is thrown and nothing is printed. After an error, out parameters are untouched.
 * Ownership What a `create` or `load` returns is released with the `release` of its type, in any order: a session keeps its model
 *           alive, a model its runtime. Releasing NULL does nothing. Strings and arrays that a function returns belong to the
 *           handle they come from. Memory that a caller passes is only read or written during the call.
 * Threads   Functions on different handles may run at once, and so may functions on one runtime or one model. A session is for
 *           one thread at a time. Sessions of a runtime with more than one thread take turns in using its workers; where many
 *           requests run side by side, a runtime of one thread and a session per request thread gives the best throughput.
 * Versions  Every struct begins with `struct_size`, which the caller sets to sizeof(struct). Fields are only ever appended; a
 *           library fills or reads no more than the caller's size.
 * Trust     An artifact holds native code that runs in this process: load only artifacts from people you trust.
 *
 */

#ifndef ARCHRT_ARCHRT_H
#define ARCHRT_ARCHRT_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define ARCHRT_API __attribute__((visibility("default")))
#else
#define ARCHRT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct archrt_runtime archrt_runtime;
typedef struct archrt_model archrt_model;
typedef struct archrt_session archrt_session;

/* The numbers are also the exit codes of `archc`. */
typedef enum archrt_status {
  ARCHRT_OK = 0,
  ARCHRT_ERROR_ENVIRONMENT = 1, /* no memory, an unreadable disk, or a bug of the library */
  ARCHRT_ERROR_INVALID = 2,     /* something that was given is wrong: an artifact, weights, an argument */
  ARCHRT_ERROR_BUDGET = 3,      /* verification failed */
  ARCHRT_ERROR_UNAVAILABLE = 4  /* this machine cannot run it */
} archrt_status;

/* The message of this thread's last failing call; "" before any. Valid until the thread's next failing call. */
ARCHRT_API const char *archrt_last_error(void);

/* "0.1.0". */
ARCHRT_API const char *archrt_version(void);

/* The version of the artifact format that this library reads. */
ARCHRT_API uint32_t archrt_format_version(void);

/*--- Runtime ----------------------------------------------------------------*/

/* Receives one line without newline; may be called from any thread that calls the library. */
typedef void (*archrt_log_fn)(void *user, const char *message);

typedef struct archrt_runtime_options {
  size_t struct_size;
  int32_t threads;   /* the caller included; 0: all CPUs that affinity and control group give to the process */
  archrt_log_fn log; /* NULL: silent */
  void *log_user;
} archrt_runtime_options;

/* `options` may be NULL. Starts the threads. */
ARCHRT_API archrt_status archrt_runtime_create(const archrt_runtime_options *options, archrt_runtime **out);
ARCHRT_API void archrt_runtime_release(archrt_runtime *runtime);
ARCHRT_API int32_t archrt_runtime_threads(const archrt_runtime *runtime);

/*--- Model ------------------------------------------------------------------*/

enum {
  ARCHRT_LOAD_SKIP_HASHES = 1 /* do not hash the sections of the artifact; all other checks are made */
};

typedef struct archrt_model_options {
  size_t struct_size;
  const char *device; /* "cpu" (default), "reference" (slow and obvious), "null" (checks only); NULL: the default */
  const char *target; /* NULL: the best plan that the host runs; or one of the artifact's: "cpu:x86-64-v3" */
  uint32_t flags;
  const char *cache_dir; /* a folder where packed weights are kept, so that the next process need not pack; NULL: nowhere */
} archrt_model_options;

/* Maps the file and validates it fully; what can be known to fail is an error here and not later. The file must stay as it is
 * while the model lives. `options` may be NULL. ARCHRT_ERROR_UNAVAILABLE when the host runs none of the artifact's plans. */
ARCHRT_API archrt_status archrt_model_load(archrt_runtime *runtime, const char *path, const archrt_model_options *options,
                                           archrt_model **out);

/* The same from memory, which is copied. */
ARCHRT_API archrt_status archrt_model_load_memory(archrt_runtime *runtime, const void *data, size_t size,
                                                  const archrt_model_options *options, archrt_model **out);
ARCHRT_API void archrt_model_release(archrt_model *model);

enum {
  ARCHRT_WEIGHTS_PARTIAL = 1 /* accept missing names (they get their initial values) and unused ones */
};

typedef struct archrt_weights_options {
  size_t struct_size;
  uint32_t flags;
  const char *mapping; /* how the file names things: "timm", "sail_metaformer", "sail_poolformer"; NULL: whichever fits best */
} archrt_weights_options;

/* Reads a safetensors file and prepares the weights as the kernels read them. Sessions use them from their next run on; runs under
 * way finish with the old ones. The file is not needed afterwards. `options` may be NULL. */
ARCHRT_API archrt_status archrt_model_set_weights(archrt_model *model, const char *path, const archrt_weights_options *options);

/* The same from memory, which is only read during the call. */
ARCHRT_API archrt_status archrt_model_set_weights_memory(archrt_model *model, const void *data, size_t size,
                                                         const archrt_weights_options *options);

typedef struct archrt_model_info {
  size_t struct_size;
  const char *name;   /* "caformer_s18" */
  const char *target; /* what runs: "cpu:x86-64-v4" */
  int64_t classes;    /* 0: the model gives features */
  int64_t outputs;    /* numbers per image: classes, or features */
  int64_t channels, height, width;
  int64_t params; /* elements of all parameters */
} archrt_model_info;

/* Fills the struct up to `info->struct_size`, which the caller sets. */
ARCHRT_API archrt_status archrt_model_get_info(const archrt_model *model, archrt_model_info *info);

/* The label of a class, or NULL when the artifact has none. */
ARCHRT_API const char *archrt_model_label(const archrt_model *model, int64_t index);

/* Reads a JPEG or PNG file and resizes and crops it as the model's evaluation does: writes height x width x channels pixels into
 * `pixels`, which has room for `size` of them; they are one image of ARCHRT_INPUT_U8_NHWC. EXIF orientation is ignored. */
ARCHRT_API archrt_status archrt_model_read_image(const archrt_model *model, const char *path, uint8_t *pixels, size_t size);

/*--- Session ----------------------------------------------------------------*/

ARCHRT_API archrt_status archrt_session_create(archrt_model *model, archrt_session **out);
ARCHRT_API void archrt_session_release(archrt_session *session);

/* Allocates all working memory for up to `max_batch` images at once; larger batches run in pieces of that size. Without it, the
 * first run reserves for its own batch. */
ARCHRT_API archrt_status archrt_session_reserve(archrt_session *session, int64_t max_batch);

typedef enum archrt_input_format {
  ARCHRT_INPUT_F32_NHWC = 0, /* normalised: (pixel / 255 - mean) / std */
  ARCHRT_INPUT_F32_NCHW = 1,
  ARCHRT_INPUT_U8_NHWC = 2 /* pixels; normalised on the way in */
} archrt_input_format;

/* A dense tensor. 64-byte aligned NHWC memory is read in place, other memory is copied once. */
typedef struct archrt_input {
  size_t struct_size;
  const void *data;
  int64_t batch;
  archrt_input_format format;
} archrt_input;

/* Computes `batch` x `outputs` numbers into `output`, which has room for `output_size` of them. Allocates nothing after
 * archrt_session_reserve, unless there are taps. The result has the same bits whatever the batch, the image's place in it, and the
 * number of threads. */
ARCHRT_API archrt_status archrt_session_run(archrt_session *session, const archrt_input *input, float *output,
                                            size_t output_size);

/* Keeps an inner tensor of the following runs: `name` is a name path such as "stages.2.blocks.3" (the block's output). When it
 * exists but is never in memory, the error names the nearest that are. */
ARCHRT_API archrt_status archrt_session_add_tap(archrt_session *session, const char *name);

typedef struct archrt_tensor {
  size_t struct_size;
  const char *name;
  const float *data;
  int32_t rank;
  const int64_t *shape;
} archrt_tensor;

/* What the last run left in tap `index`, in the order of archrt_session_add_tap; valid until the next call on the session. */
ARCHRT_API archrt_status archrt_session_get_tap(archrt_session *session, size_t index, archrt_tensor *out);

#ifdef __cplusplus
}
#endif

#endif /* ARCHRT_ARCHRT_H */
