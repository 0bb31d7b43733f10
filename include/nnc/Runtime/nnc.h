/*
 * The C interface of compiled models. C11, no dependency beyond libc.
 *
 * Every call returns a status; where a `nnc_error *` is taken it may be NULL,
 * else it receives the same status and a message. Nothing aborts, nothing
 * prints, there is no global state. A model is immutable and may be shared by
 * any number of threads; a context is used by one thread at a time.
 *
 * Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
 */
#ifndef NNC_RUNTIME_NNC_H
#define NNC_RUNTIME_NNC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when a structure or a call changes its meaning; additions at the end
 * of a structure that carries `struct_size` do not raise it. */
#define NNC_API_VERSION 1
#define NNC_MAX_RANK 16
#define NNC_MAX_MESSAGE 512

typedef enum nnc_status {
  NNC_OK = 0,
  NNC_INVALID_ARGUMENT = 1, /* null pointer, wrong count, unknown entry */
  NNC_TYPE_MISMATCH = 2,    /* element type differs from the signature */
  NNC_SHAPE_MISMATCH = 3,   /* rank or dimension differs from the signature */
  NNC_BUFFER_TOO_SMALL = 4, /* dims hold the shape that is needed */
  NNC_OUT_OF_MEMORY = 5,
  NNC_UNSUPPORTED_CPU = 6, /* the message names the missing feature */
  NNC_INVALID_MODEL = 7,   /* not a compiled model, or of another ABI */
  NNC_IO_ERROR = 8,        /* a file could not be opened or read */
  NNC_INVALID_VALUE = 9,   /* input data that the model can not take, such as
                              a requested shape of another element count */
  NNC_INTERNAL_ERROR = 10,
  NNC_NO_DEVICE = 11,   /* no GPU that the model runs on, or no driver */
  NNC_DEVICE_ERROR = 12 /* the driver of the GPU reports a failure */
} nnc_status;

typedef struct nnc_error {
  nnc_status status;
  char message[NNC_MAX_MESSAGE]; /* NUL-terminated */
} nnc_error;

/* Element types, numbered as ONNX's TensorProto.DataType. */
typedef enum nnc_type {
  NNC_UNDEFINED = 0,
  NNC_FLOAT32 = 1,
  NNC_UINT8 = 2,
  NNC_INT8 = 3,
  NNC_UINT16 = 4,
  NNC_INT16 = 5,
  NNC_INT32 = 6,
  NNC_INT64 = 7,
  NNC_STRING = 8,
  NNC_BOOL = 9, /* one byte, 0 or 1 */
  NNC_FLOAT16 = 10,
  NNC_FLOAT64 = 11,
  NNC_UINT32 = 12,
  NNC_UINT64 = 13,
  NNC_BFLOAT16 = 16,
  NNC_FLOAT8E4M3FN = 17,
  NNC_FLOAT8E4M3FNUZ = 18,
  NNC_FLOAT8E5M2 = 19,
  NNC_FLOAT8E5M2FNUZ = 20,
  /* Types of less than 8 bits take a byte an element: its low bits. */
  NNC_UINT4 = 21,
  NNC_INT4 = 22,
  NNC_FLOAT4E2M1 = 23,
  NNC_FLOAT8E8M0 = 24,
  NNC_UINT2 = 25,
  NNC_INT2 = 26
} nnc_type;

typedef enum nnc_value_kind {
  NNC_ABSENT = 0,  /* an optional value that is not given */
  NNC_TENSOR = 1,  /* dense, row-major, contiguous */
  NNC_SEQUENCE = 2 /* tensors of one element type, see below */
} nnc_value_kind;

/* A value that a model reads or writes. The memory behind `data` belongs to the
 * caller and needs the alignment of its element only. Tensors of a model for a
 * GPU may also lie in that GPU's memory; the work that makes an input there
 * must be done by then.
 *
 * As an output: with `data` set, `bytes` is its capacity; the run writes in
 * place and sets type, rank and dims. If the capacity is too small the run
 * returns NNC_BUFFER_TOO_SMALL with type, rank and dims set and nothing
 * computed into it. With `data` NULL the run sets `data` to memory of the
 * context, valid until its next run, and `bytes` to the size of the value;
 * passed back unchanged such a value counts as `data` NULL again. The memory of
 * an output must not overlap an input, another output or the workspace.
 *
 * A tensor of n strings has, in `data`, n + 1 ascending int64_t, from 0, and
 * behind them the bytes of all strings: string i is bytes [offset i, offset
 * i + 1) of these. `bytes` is the size of both together; without elements
 * `data` may be NULL. As an output it is always memory of the context.
 *
 * A sequence has its number of elements in dims[0] and rank 1; `data` points to
 * as many nnc_value of kind NNC_TENSOR. As an output, a sequence or a value
 * that may be absent is always memory of the context. */
typedef struct nnc_value {
  nnc_value_kind kind;
  nnc_type type;
  int32_t rank;
  int32_t reserved;
  int64_t dims[NNC_MAX_RANK];
  void *data;
  size_t bytes;
} nnc_value;

/* One input or output in a signature. */
typedef struct nnc_value_info {
  const char *name;
  nnc_value_kind kind;
  nnc_type type;
  int32_t rank;                 /* of a sequence's elements; -1: any */
  int32_t optional;             /* 1: may be NNC_ABSENT */
  const int64_t *dims;          /* -1 where the dimension is not fixed */
  const char *const *dim_names; /* its symbolic name, or NULL */
} nnc_value_info;

/* One entry point: names, types, shapes. Dimensions with the same symbolic name
 * must be equal in one run. */
typedef struct nnc_signature {
  const char *name;
  size_t num_inputs;
  const nnc_value_info *inputs;
  size_t num_outputs;
  const nnc_value_info *outputs;
} nnc_signature;

typedef struct nnc_model nnc_model;
typedef struct nnc_context nnc_context;

/* Runs task(task_data, i) for every i in [0, count), in any order, on any
 * threads, and returns when all are done. */
typedef void (*nnc_executor)(void *executor_data, int32_t count,
                             void (*task)(void *task_data, int32_t index),
                             void *task_data);

/* How a context works. Zero-initialize, set struct_size to its sizeof. */
typedef struct nnc_context_options {
  size_t struct_size;
  int32_t threads; /* 0: one. Results do not depend on it. Without an
                      executor, CPUs of the process at most. */
  int32_t reserved;
  void *workspace;        /* NULL: the library allocates; not used by models
                             for a GPU, whose memory it is */
  size_t workspace_bytes; /* see nnc_workspace_bytes */
  nnc_executor executor;  /* NULL: threads of the library */
  void *executor_data;
} nnc_context_options;

/* One executed kernel in a profile; times in nanoseconds of CLOCK_MONOTONIC. */
typedef struct nnc_profile_event {
  const char *kernel; /* unique in the model */
  const char *nodes;  /* ONNX node names, separated by newlines */
  int64_t begin_ns;
  int64_t end_ns;
  double predicted_us; /* negative: unknown */
  int64_t flops;       /* -1: unknown, as below */
  int64_t bytes;
} nnc_profile_event;
typedef void (*nnc_profile_callback)(void *data,
                                     const nnc_profile_event *event);

/* NNC_API_VERSION of the library that answers. */
int32_t nnc_api_version(void);

/* A short constant text for a status. */
const char *nnc_status_text(nnc_status status);

/* Size in bytes of one element, 0 for NNC_UNDEFINED and NNC_STRING. */
size_t nnc_type_bytes(nnc_type type);

/* Opens a compiled model from a shared library file. A model for a GPU looks
 * for its driver, libcuda.so.1 or what the environment's NNC_CUDA_DRIVER names;
 * it takes the GPU that the driver lists first. */
nnc_status nnc_model_open(const char *path, nnc_model **model,
                          nnc_error *error);
/* The same, of the variants in the file the one that was compiled for `target`,
 * a name as given to nnc compile --target. NULL: the first, from the most
 * demanding on, that this CPU runs, which is what nnc_model_open takes. */
nnc_status nnc_model_open_variant(const char *path, const char *target,
                                  nnc_model **model, nnc_error *error);
void nnc_model_close(nnc_model *model);

/* What the model, or the variant that was opened, is compiled for: the triple
 * and the name of the target. Valid while the model is open. */
const char *nnc_model_target(const nnc_model *model);

/* Entry points of a model; 0 is the default one. */
size_t nnc_model_num_entries(const nnc_model *model);
/* NULL if there is no such entry. Valid while the model is open. */
const nnc_signature *nnc_model_signature(const nnc_model *model, size_t entry);
/* All entry points as one JSON text. */
const char *nnc_model_signature_json(const nnc_model *model);

/* Bytes of workspace, at any address, that a run of `entry` needs for these
 * input shapes with `threads` threads; 0 inputs: an entry whose shapes are
 * fixed. Data may be NULL; where a model computes shapes from data, data that
 * is given is read, else zeros are assumed. */
nnc_status nnc_workspace_bytes(const nnc_model *model, size_t entry,
                               const nnc_value *inputs, size_t num_inputs,
                               int32_t threads, size_t *bytes,
                               nnc_error *error);

/* A context holds the memory of one run at a time. `options` may be NULL. */
nnc_status nnc_context_create(const nnc_model *model,
                              const nnc_context_options *options,
                              nnc_context **context, nnc_error *error);
void nnc_context_destroy(nnc_context *context);

nnc_status nnc_context_run(nnc_context *context, size_t entry,
                           const nnc_value *inputs, size_t num_inputs,
                           nnc_value *outputs, size_t num_outputs,
                           nnc_error *error);

/* Calls `callback` after every kernel of later runs; NULL switches it off. */
void nnc_context_set_profile(nnc_context *context,
                             nnc_profile_callback callback, void *data);

/* Bytes that the context holds now: arena and scratch, and what the library
 * owns of inputs and outputs. */
size_t nnc_context_bytes(const nnc_context *context);

#ifdef __cplusplus
}
#endif

#endif /* NNC_RUNTIME_NNC_H */
