/*
 * Between compiled code and the runtime: the tables that an artifact holds and
 * the entries that its host functions call. Not for users (see nnc.h).
 *
 * Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
 */
#ifndef NNC_RUNTIME_NNCRT_H
#define NNC_RUNTIME_NNCRT_H

#include "nnc/Runtime/nnc.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when anything below changes. */
#define NNCRT_ABI_VERSION 4
#define NNCRT_MAGIC 0x31434e4eu /* "NNC1" */

/* Slots, scratch and the arena start on this boundary, in bytes. */
#define NNCRT_ALIGNMENT 64

/* A phase of a kernel as the runtime calls it: `args` are 8 bytes each, tensor
 * pointers first, then int64 sizes; units [begin, end) of the phase's work;
 * scratch of this thread, aligned to NNCRT_ALIGNMENT. */
typedef void (*nncrt_kernel_fn)(const int64_t *args, int64_t begin, int64_t end,
                                void *scratch);

/* What bounds a kernel by prediction. */
typedef enum nncrt_bound {
  NNCRT_BOUND_UNKNOWN = 0,
  NNCRT_BOUND_COMPUTE = 1,
  NNCRT_BOUND_MEMORY = 2,
  NNCRT_BOUND_LAUNCH = 3
} nncrt_bound;

/* A row of the kernel table, one a call site. Equal kernels share `phases`:
 * what one phase writes, all units of the next may read. */
typedef struct nncrt_kernel {
  const char *name;              /* unique in the model */
  const char *nodes;             /* ONNX node names, separated by newlines */
  const nncrt_kernel_fn *phases; /* NULL: the model is for a GPU */
  int64_t flops;                 /* -1: unknown, also bytes */
  int64_t bytes;
  double predicted_us; /* negative: unknown */
  int32_t bound;       /* nncrt_bound */
  int32_t num_phases;  /* at least 1 */
} nncrt_kernel;

/* First and last position in the schedule at which a slot is alive. */
typedef struct nncrt_lifetime {
  int32_t first;
  int32_t last;
} nncrt_lifetime;

/* An entry point. `run` returns an nnc_status. */
typedef struct nncrt_entry {
  nnc_signature signature;
  int32_t (*run)(nnc_context *context);
  /* Bytes of all slots as placed by the compiler; -1: sizes depend on input
   * shapes and run() calls nncrt_place. */
  int64_t arena_bytes;
  /* Scratch of one thread, in bytes; -1: run() passes it to nncrt_place. */
  int64_t scratch_bytes;
  /* Lifetimes of the slots that nncrt_place places; NULL when static. */
  const nncrt_lifetime *lifetimes;
  int32_t num_slots;
  /* Buffers of sizes unknown before the run, see nncrt_pool. */
  int32_t num_pool_slots;
} nncrt_entry;

/* The code of all phases in one form; what it is, the driver sees. */
typedef struct nncrt_image {
  const void *data;
  uint64_t bytes;
} nncrt_image;

#define NNCRT_PHASE_SCRATCH 1 /* it uses scratch */
/* With the three below, 4 KiB of parameters: what every GPU takes. */
#define NNCRT_MAX_DEVICE_ARGS 509

/* A phase of a kernel on a GPU. Its parameters are 8 bytes each: the
 * `num_args` that nncrt_parallel is given, the number of units, scratch, and
 * the bytes of a part of it. Blocks have one dimension, and there may be any
 * number of them. With `threads` 0 each thread takes units of its own and has a
 * part of the scratch; else blocks have that many threads, which take a unit
 * together and share a part. */
typedef struct nncrt_device_phase {
  const char *name;
  int32_t num_args;
  int32_t flags;
  int32_t threads;
  int32_t shared_bytes; /* of a block, beside those that the code declares */
} nncrt_device_phase;

/* What a model for a GPU has beside the tables. */
typedef struct nncrt_device {
  /* The least that it needs, ten times the major number and the minor one, as
   * 80; `is_exact`: no other one will do. */
  int32_t capability;
  int32_t is_exact;
  const nncrt_image *images; /* the first that the driver takes is used */
  /* Those of the first kernel, of the second, ... */
  const nncrt_device_phase *phases;
  int32_t num_images;
  int32_t num_phases;
} nncrt_device;

/* The root of an artifact, exported as PREFIX_model. */
typedef struct nncrt_model {
  uint32_t magic;
  uint32_t abi_version;
  const char *compiler_version;
  const char *target;              /* triple and CPU, for messages */
  const char *const *cpu_features; /* LLVM's names, NULL-terminated */
  const char *signature_json;
  const uint8_t *weights; /* aligned to NNCRT_ALIGNMENT */
  uint64_t weights_bytes;
  int32_t num_entries;
  int32_t num_kernels;
  const nncrt_entry *entries;
  const nncrt_kernel *kernels;
  /* The same model for a CPU of which less is asked; NULL: there is none. */
  const struct nncrt_model *next;
  /* NULL: kernels run on the CPU. */
  const nncrt_device *device;
} nncrt_model;

/* ---- called by compiled host functions. In a model for a GPU, data of inputs,
 * outputs, weights, arena and pool are its memory, which the host does not
 * read; those of strings and sequences are the host's. ---- */

/* Data and dimensions of an input that has passed the signature's check. Of
 * strings the data are their numbers, see nncrt_strings; NULL is a failure
 * then, and the host function returns nncrt_status(). */
void *nncrt_input(nnc_context *context, int32_t index);
int64_t nncrt_input_dim(nnc_context *context, int32_t index, int32_t axis);

/* The buffer of output `index`, its rank as in the signature. NULL: the
 * caller's buffer is too small or there is no memory; the host function then
 * returns nncrt_status(). For strings it takes their numbers, which become the
 * texts after the host function. */
void *nncrt_output(nnc_context *context, int32_t index, const int64_t *dims);

const uint8_t *nncrt_weights(nnc_context *context);

/* The numbers, int64_t, of `count` strings that are held as nnc.h says, valid
 * until the next run. In a run equal strings have equal numbers, from 0, which
 * the empty one has. NULL: there is no memory. */
void *nncrt_strings(nnc_context *context, const void *data, int64_t count);

/* In a model for a GPU: a copy on the host of `bytes` of its memory, and a copy
 * in its memory of what is on the host; valid until the next run. NULL: there
 * is no memory, or the GPU has failed; the host function returns
 * nncrt_status(). */
const void *nncrt_to_host(nnc_context *context, const void *data,
                          int64_t bytes);
void *nncrt_to_device(nnc_context *context, const void *data, int64_t bytes);

/* Base of the arena; in a dynamic entry only after nncrt_place. */
uint8_t *nncrt_arena(nnc_context *context);

/* Places num_slots slots of these sizes by their lifetimes, keeps the arena and
 * one scratch a thread, and writes each slot's offset. Placement is repeated
 * only if a size changed since the last run. Returns an nnc_status. */
int32_t nncrt_place(nnc_context *context, const int64_t *sizes,
                    int64_t scratch_bytes, int64_t *offsets);

/* From now on in this run, every thread has at least `bytes` of scratch: for a
 * kernel whose need is known only when it starts. Returns an nnc_status. */
int32_t nncrt_grow_scratch(nnc_context *context, int64_t bytes);

/* Memory of at least `bytes` in pool slot `slot`, kept warm between runs. It
 * keeps its contents when it grows, but may move. NULL: none to be had, the
 * host function returns nncrt_status(). */
void *nncrt_pool(nnc_context *context, int32_t slot, int64_t bytes);

/* ---- sequences: immutable, in memory of the context until its next run; NULL
 * is an optional value that is absent. Where NULL is returned otherwise, the
 * host function returns nncrt_status(). ---- */

/* A sequence that the run has, or a single tensor as one of length 1. NULL is a
 * failure only if nncrt_status() says so. */
void *nncrt_input_list(nnc_context *context, int32_t index);
/* Gives `list` as output `index`. Returns an nnc_status. */
int32_t nncrt_output_list(nnc_context *context, int32_t index,
                          const void *list);
void *nncrt_list_create(nnc_context *context);
int64_t nncrt_list_length(nnc_context *context, const void *list);
/* A list with a copy of the tensor before `position`, which counts from the end
 * if it is negative. */
void *nncrt_list_insert(nnc_context *context, const void *list,
                        int64_t position, const void *data,
                        int64_t element_bytes, int32_t rank,
                        const int64_t *dims);
void *nncrt_list_erase(nnc_context *context, const void *list,
                       int64_t position);
/* Data of an element. `dims` holds what the model knows of them, -1 elsewhere,
 * and gets all. */
void *nncrt_list_at(nnc_context *context, const void *list, int64_t position,
                    int32_t rank, int64_t *dims);
/* All elements, of this rank, along `axis`, which is new if `is_new`. `dims` of
 * the result as in nncrt_list_at. */
void *nncrt_list_join(nnc_context *context, const void *list, int32_t axis,
                      int32_t is_new, int64_t element_bytes, int32_t rank,
                      int64_t *dims);

/* Runs the phases of kernel `kernel` in order, each as units [0, units[phase])
 * on the context's threads; times it if the context has a profile. */
void nncrt_parallel(nnc_context *context, int32_t kernel, const int64_t *args,
                    const int64_t *units);

/* Called by a kernel, compiled with checks, that has left out an access to
 * memory. After the kernel its run fails with the text of the first one. */
void nncrt_out_of_bounds(const char *access);

/* Records a failure that the host function found; returns `status`. */
int32_t nncrt_fail(nnc_context *context, int32_t status, const char *message);
int32_t nncrt_status(nnc_context *context);

/* ---- called by the PREFIX_* functions of an artifact ---- */

/* The variant made for `target`, a name as the compiler was given it, or with
 * NULL the first that this CPU runs; checks the tables of all. If the CPU runs
 * none, the message is about the last one. */
nnc_status nncrt_select_variant(const nncrt_model *first, const char *target,
                                const nncrt_model **selected, nnc_error *error);

/* A context straight on an artifact's tables: checks ABI and CPU first, and
 * takes the first variant that fits. The context owns nothing of the model. */
nnc_status nncrt_context_create(const nncrt_model *model,
                                const nnc_context_options *options,
                                nnc_context **context, nnc_error *error);

/* nnc_workspace_bytes straight on an artifact's tables. A host function is then
 * called to ask, not to compute: inputs without data read as zeros, outputs and
 * pool slots are dummies of NNCRT_ALIGNMENT bytes, kernels do not run, and
 * nncrt_place records what is needed and returns a status that the host
 * function must return at once. Before nncrt_place it must not write to
 * outputs. */
nnc_status nncrt_workspace_bytes(const nncrt_model *model, size_t entry,
                                 const nnc_value *inputs, size_t num_inputs,
                                 int32_t threads, size_t *bytes,
                                 nnc_error *error);

/* Wraps an artifact's tables, checked, as a model. */
nnc_status nncrt_model_wrap(const nncrt_model *tables, nnc_model **model,
                            nnc_error *error);

/* ---- CPU features ---- */

/* Has the CPU this feature (LLVM's name, no sign before it), and does the
 * operating system save its registers? False for a name that is not known. */
bool nncrt_cpu_has(const char *llvm_feature_name);

/* Names that nncrt_cpu_has knows on this architecture, NULL-terminated. Tables
 * may list these only: any other is refused when the artifact is opened. */
extern const char *const nncrt_known_cpu_features[];

/* ---- exported by a shared library under one name, for nnc_model_open ---- */

/* The library's own runtime behind the C interface: a program may be of another
 * version than the library that it opens. The members are nncrt_context_create,
 * nnc_context_destroy, …, nncrt_workspace_bytes of the library. */
typedef struct nncrt_library {
  uint32_t magic;
  uint32_t abi_version;
  const nncrt_model *model;
  nnc_status (*context_create)(const nncrt_model *, const nnc_context_options *,
                               nnc_context **, nnc_error *);
  void (*context_destroy)(nnc_context *);
  nnc_status (*context_run)(nnc_context *, size_t, const nnc_value *, size_t,
                            nnc_value *, size_t, nnc_error *);
  void (*context_set_profile)(nnc_context *, nnc_profile_callback, void *);
  size_t (*context_bytes)(const nnc_context *);
  nnc_status (*workspace_bytes)(const nncrt_model *, size_t, const nnc_value *,
                                size_t, int32_t, size_t *, nnc_error *);
} nncrt_library;
#define NNCRT_LIBRARY_SYMBOL "nnc_library"

#ifdef __cplusplus
}
#endif

#endif /* NNC_RUNTIME_NNCRT_H */
