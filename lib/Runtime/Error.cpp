//===----------------------------------------------------------------------===//
// Statuses, their texts, and element types.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Internal.h"

#include <stdarg.h>
#include <stdio.h>

using nncrt::rawValue;

nnc_status nncrt::report(nnc_error *error, nnc_status status,
                         const char *format, ...) {
  if (!error)
    return status;
  error->status = status;
  va_list args;
  va_start(args, format);
  vsnprintf(error->message, sizeof error->message, format, args);
  va_end(args);
  return status;
}

nnc_status nncrt::succeed(nnc_error *error) {
  if (error) {
    error->status = NNC_OK;
    error->message[0] = '\0';
  }
  return NNC_OK;
}

nnc_status nncrt::recordFailure(nnc_context &context, nnc_status status,
                                const char *format, ...) {
  if (context.status != NNC_OK)
    return context.status;
  context.status = status;
  va_list args;
  va_start(args, format);
  vsnprintf(context.message, sizeof context.message, format, args);
  va_end(args);
  return status;
}

int32_t nnc_api_version(void) { return NNC_API_VERSION; }

const char *nnc_status_text(nnc_status status) {
  switch (rawValue(status)) { // from a caller: any number
  case NNC_OK:
    return "ok";
  case NNC_INVALID_ARGUMENT:
    return "invalid argument";
  case NNC_TYPE_MISMATCH:
    return "element type differs from the signature";
  case NNC_SHAPE_MISMATCH:
    return "shape differs from the signature";
  case NNC_BUFFER_TOO_SMALL:
    return "buffer too small";
  case NNC_OUT_OF_MEMORY:
    return "out of memory";
  case NNC_UNSUPPORTED_CPU:
    return "the CPU lacks a feature that the model needs";
  case NNC_INVALID_MODEL:
    return "not a compiled model, or of another version";
  case NNC_IO_ERROR:
    return "file can not be read";
  case NNC_INVALID_VALUE:
    return "input data that the model can not take";
  case NNC_INTERNAL_ERROR:
    return "internal error";
  case NNC_NO_DEVICE:
    return "there is no GPU that the model runs on";
  case NNC_DEVICE_ERROR:
    return "the GPU or its driver has failed";
  }
  return "unknown status";
}

size_t nnc_type_bytes(nnc_type type) {
  switch (rawValue(type)) {
  case NNC_UNDEFINED:
  case NNC_STRING:
    return 0;
  case NNC_UINT8:
  case NNC_INT8:
  case NNC_BOOL:
  case NNC_FLOAT8E4M3FN:
  case NNC_FLOAT8E4M3FNUZ:
  case NNC_FLOAT8E5M2:
  case NNC_FLOAT8E5M2FNUZ:
  case NNC_UINT4:
  case NNC_INT4:
  case NNC_FLOAT4E2M1:
  case NNC_FLOAT8E8M0:
  case NNC_UINT2:
  case NNC_INT2:
    return 1;
  case NNC_UINT16:
  case NNC_INT16:
  case NNC_FLOAT16:
  case NNC_BFLOAT16:
    return 2;
  case NNC_FLOAT32:
  case NNC_INT32:
  case NNC_UINT32:
    return 4;
  case NNC_INT64:
  case NNC_FLOAT64:
  case NNC_UINT64:
    return 8;
  }
  return 0;
}
