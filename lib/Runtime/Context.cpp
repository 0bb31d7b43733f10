//===----------------------------------------------------------------------===//
// Life of a context.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Device.h"

#include <stdlib.h>
#include <string.h>

using namespace nncrt;

/// Reads options of this or another version: what is not there is zero, what is
/// not known must be zero.
static nnc_status readOptions(const nnc_context_options *given,
                              nnc_context_options &options, nnc_error *error) {
  options = nnc_context_options();
  if (!given)
    return NNC_OK;
  size_t size = given->struct_size;
  if (size < sizeof options || size > 4096)
    return report(error, NNC_INVALID_ARGUMENT,
                  "options: expects 'struct_size' to be "
                  "sizeof(nnc_context_options), %zu, but got %zu",
                  sizeof options, size);
  auto *bytes = reinterpret_cast<const uint8_t *>(given);
  for (size_t i = sizeof options; i < size; ++i)
    if (bytes[i] != 0)
      return report(error, NNC_INVALID_ARGUMENT,
                    "options: an option that this version does not know is "
                    "set; the model is older than the program");
  memcpy(&options, given, sizeof options);
  if (options.threads < 0 || options.threads > maxThreads)
    return report(error, NNC_INVALID_ARGUMENT,
                  "options: expects 0 to %d threads but got %d", maxThreads,
                  options.threads);
  if (!options.workspace && options.workspace_bytes)
    return report(error, NNC_INVALID_ARGUMENT,
                  "options: the workspace of %zu bytes is a null pointer",
                  options.workspace_bytes);
  return NNC_OK;
}

/// Blocks for the entry with the most outputs and pool slots, and what each
/// entry remembers.
static bool makeStates(nnc_context &context) {
  const nncrt_model &tables = *context.tables;
  for (int32_t i = 0; i < tables.num_entries; ++i) {
    const nncrt_entry &entry = tables.entries[i];
    auto outputs = static_cast<int32_t>(entry.signature.num_outputs);
    if (outputs > context.numOwned)
      context.numOwned = outputs;
    if (entry.num_pool_slots > context.numPool)
      context.numPool = entry.num_pool_slots;
  }
  auto blocks = [](int32_t count) {
    return static_cast<Block *>(
        calloc(static_cast<size_t>(count) + 1, sizeof(Block)));
  };
  context.owned = blocks(context.numOwned);
  context.pool = blocks(context.numPool);
  auto count = static_cast<size_t>(tables.num_entries);
  context.entries =
      static_cast<EntryState *>(calloc(count, sizeof(EntryState)));
  if (!context.owned || !context.pool || !context.entries)
    return false;
  for (size_t i = 0; i < count; ++i) {
    context.entries[i] = EntryState();
    if (!prepareEntry(tables.entries[i].signature, context.entries[i]))
      return false;
  }
  return true;
}

nnc_status nncrt::makeContext(const nncrt_model *tables, nnc_context **context,
                              nnc_error *error) {
  void *memory = nullptr;
  if (posix_memalign(&memory, alignof(nnc_context), sizeof(nnc_context)) != 0)
    return report(error, NNC_OUT_OF_MEMORY, "no memory for a context");
  auto *fresh = static_cast<nnc_context *>(memory);
  *fresh = nnc_context();
  fresh->tables = tables;
  if (!makeStates(*fresh)) {
    nnc_context_destroy(fresh);
    return report(error, NNC_OUT_OF_MEMORY, "no memory for a context");
  }
  *context = fresh;
  return NNC_OK;
}

nnc_status nncrt_context_create(const nncrt_model *tables,
                                const nnc_context_options *given,
                                nnc_context **context, nnc_error *error) {
  if (!context)
    return report(error, NNC_INVALID_ARGUMENT,
                  "the place for the context is a null pointer");
  *context = nullptr;
  const nncrt_model *variant;
  if (nnc_status status =
          nncrt_select_variant(tables, nullptr, &variant, error))
    return status;
  nnc_context_options options;
  if (nnc_status status = readOptions(given, options, error))
    return status;
  nnc_context *fresh;
  if (nnc_status status = makeContext(variant, &fresh, error))
    return status;
  if (hasWeightsFile(*variant)) {
    if (nnc_status status = mapWeights(*variant, nullptr, fresh->complete,
                                       fresh->weights, error)) {
      nnc_context_destroy(fresh);
      return status;
    }
    fresh->tables = variant = &fresh->complete;
  }
  fresh->threads = options.threads > 0 ? options.threads : 1;
  fresh->executor = options.executor;
  fresh->executorData = options.executor_data;
  fresh->workspace = options.workspace;
  fresh->workspaceBytes = options.workspace_bytes;
  // More threads than CPUs only wait for each other.
  if (!fresh->executor && fresh->threads > 1) {
    int32_t cpus = availableCpus();
    if (fresh->threads > cpus)
      fresh->threads = cpus;
  }
  if (fresh->threads > 1 && !variant->device && variant->num_kernels > 0) {
    fresh->choices = static_cast<ThreadChoice *>(calloc(
        static_cast<size_t>(variant->num_kernels), sizeof(ThreadChoice)));
    if (!fresh->choices) {
      nnc_context_destroy(fresh);
      return report(error, NNC_OUT_OF_MEMORY, "no memory for a context");
    }
  }
  if (variant->device)
    if (nnc_status status = openDevice(*fresh, error)) {
      nnc_context_destroy(fresh);
      return status;
    }
  *context = fresh;
  return succeed(error);
}

void nnc_context_destroy(nnc_context *context) {
  if (!context)
    return;
  if (context->library) {
    context->library->context_destroy(context->inner);
    free(context);
    return;
  }
  closeDevice(*context);
  destroyPool(context->workers);
  context->arena.release();
  context->lateScratch.release();
  releaseHeap(context->heap);
  for (int32_t i = 0; context->owned && i < context->numOwned; ++i)
    context->owned[i].release();
  for (int32_t i = 0; context->pool && i < context->numPool; ++i)
    context->pool[i].release();
  for (int32_t i = 0; context->entries && i < context->tables->num_entries; ++i)
    releaseEntry(context->entries[i]);
  free(context->owned);
  free(context->pool);
  free(context->entries);
  free(context->choices);
  free(context->zeros);
  context->weights.release();
  free(context);
}

void nnc_context_set_profile(nnc_context *context,
                             nnc_profile_callback callback, void *data) {
  if (!context)
    return;
  if (context->library)
    return context->library->context_set_profile(context->inner, callback,
                                                 data);
  context->profile = callback;
  context->profileData = data;
}

size_t nnc_context_bytes(const nnc_context *context) {
  if (!context)
    return 0;
  if (context->library)
    return context->library->context_bytes(context->inner);
  size_t bytes = context->workspace ? static_cast<size_t>(context->usedBytes)
                                    : context->arena.bytes;
  bytes += context->lateScratch.bytes + heapBytes(context->heap);
  if (context->device)
    bytes += deviceBytes(*context->device);
  for (int32_t i = 0; i < context->numOwned; ++i)
    bytes += context->owned[i].bytes;
  for (int32_t i = 0; i < context->numPool; ++i)
    bytes += context->pool[i].bytes;
  return bytes;
}
