//===----------------------------------------------------------------------===//
// What compiled host functions call for values and failures.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Device.h"

#include <string.h>

using namespace nncrt;

/// The numbers of an input of strings; zeros in place of data.
static void *numberInput(nnc_context &context, const nnc_value &value) {
  int64_t bytes;
  if (!tensorBytes(value.type, value.rank, value.dims, bytes))
    return nullptr;
  if (value.data)
    return nncrt_strings(&context, value.data,
                         bytes / int64_t(sizeof(int64_t)));
  void *numbers = allocate(context, bytes);
  if (numbers && bytes)
    memset(numbers, 0, static_cast<size_t>(bytes));
  return numbers;
}

void *nncrt_input(nnc_context *context, int32_t index) {
  const nnc_value &value = context->inputs[index];
  if (value.kind == NNC_ABSENT)
    return nullptr;
  if (value.type == NNC_STRING)
    return numberInput(*context, value);
  if (context->device)
    return deviceInput(*context, index);
  if (value.data)
    return value.data;
  // Without data an input is empty, unless this is a query.
  return context->zeros ? context->zeros : context->dummy;
}

int64_t nncrt_input_dim(nnc_context *context, int32_t index, int32_t axis) {
  return context->inputs[index].dims[axis];
}

/// Memory of the context for output `index`.
static void *ownedOutput(nnc_context &context, int32_t index, int64_t bytes) {
  Block &block = context.owned[index];
  if (!block.reserve(static_cast<size_t>(bytes), false)) {
    recordFailure(context, NNC_OUT_OF_MEMORY,
                  "output '%s': no memory for %lld bytes",
                  context.entry->signature.outputs[index].name,
                  static_cast<long long>(bytes));
    return nullptr;
  }
  context.outputs[index].data = block.data;
  context.outputs[index].bytes = static_cast<size_t>(bytes);
  return block.data;
}

/// Memory of the host for output `index`; `bytes` gets its size.
static void *hostOutput(nnc_context *context, int32_t index,
                        const int64_t *dims, int64_t &bytes) {
  const nnc_signature &signature = context->entry->signature;
  if (index < 0 || static_cast<size_t>(index) >= signature.num_outputs) {
    recordFailure(*context, NNC_INTERNAL_ERROR,
                  "entry '%s' has %zu outputs but computes number %d",
                  signature.name, signature.num_outputs, index);
    return nullptr;
  }
  const nnc_value_info &info = signature.outputs[index];
  nnc_value &value = context->outputs[index];
  value.kind = NNC_TENSOR;
  value.type = info.type;
  value.rank = info.rank;
  for (int32_t axis = 0; axis < info.rank; ++axis)
    value.dims[axis] = dims[axis];
  if (!tensorBytes(info.type, info.rank, dims, bytes)) {
    recordFailure(*context, NNC_INVALID_VALUE,
                  "output '%s': for these inputs a dimension is negative or "
                  "there are more bytes than can be counted",
                  info.name);
    return nullptr;
  }
  if (info.type == NNC_STRING)
    return value.data = allocate(*context, bytes);
  if (!value.data || value.data == context->owned[index].data)
    return ownedOutput(*context, index, bytes);
  if (value.bytes < static_cast<uint64_t>(bytes)) {
    recordFailure(*context, NNC_BUFFER_TOO_SMALL,
                  "output '%s': needs %lld bytes but 'bytes' is %zu", info.name,
                  static_cast<long long>(bytes), value.bytes);
    return nullptr;
  }
  return value.data;
}

void *nncrt_output(nnc_context *context, int32_t index, const int64_t *dims) {
  if (context->isQuery)
    return context->dummy;
  int64_t bytes;
  void *data = hostOutput(context, index, dims, bytes);
  if (!data || !context->device)
    return data;
  return deviceOutput(*context, index, bytes);
}

const uint8_t *nncrt_weights(nnc_context *context) {
  if (context->device)
    return reinterpret_cast<const uint8_t *>(
        static_cast<uintptr_t>(context->device->model->weights));
  return context->tables->weights;
}

uint8_t *nncrt_arena(nnc_context *context) { return context->base; }

int32_t nncrt_fail(nnc_context *context, int32_t status, const char *message) {
  auto known = status > NNC_OK && status <= lastStatus
                   ? static_cast<nnc_status>(status)
                   : NNC_INTERNAL_ERROR;
  recordFailure(*context, known, "%s",
                message ? message : nnc_status_text(known));
  return status == NNC_OK ? NNC_INTERNAL_ERROR : status;
}

int32_t nncrt_status(nnc_context *context) { return context->status; }
