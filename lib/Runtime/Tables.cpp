//===----------------------------------------------------------------------===//
// Checks of an artifact's tables, and what is derived from them once.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Internal.h"

#include <stdlib.h>
#include <string.h>

using namespace nncrt;

static bool isSaneInfo(const nnc_value_info &info) {
  if (!info.name || info.rank < -1 || info.rank > NNC_MAX_RANK)
    return false;
  if (rawValue(info.kind) == NNC_ABSENT)
    return true;
  int32_t type = rawValue(info.type);
  bool isSequence = rawValue(info.kind) == NNC_SEQUENCE;
  if (type == NNC_STRING && (isSequence || info.optional))
    return false;
  return (isSequence || rawValue(info.kind) == NNC_TENSOR) && type >= 0 &&
         type <= NNC_INT2 &&
         (type == NNC_STRING || nnc_type_bytes(info.type) != 0) &&
         (info.rank < 0 ? isSequence : info.rank == 0 || info.dims);
}

/// The value at fault, NULL when there is none.
static const nnc_value_info *findBadInfo(const nnc_value_info *infos,
                                         size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (!isSaneInfo(infos[i]))
      return &infos[i];
  return nullptr;
}

static nnc_status checkEntry(const nncrt_entry &entry, int32_t index,
                             nnc_error *error) {
  const nnc_signature &s = entry.signature;
  if (!s.name || !entry.run || (s.num_inputs && !s.inputs) ||
      (s.num_outputs && !s.outputs) ||
      s.num_inputs > INT32_MAX / NNC_MAX_RANK ||
      s.num_outputs > INT32_MAX / NNC_MAX_RANK)
    return report(error, NNC_INVALID_MODEL,
                  "entry point %d of the model is not complete", index);
  const nnc_value_info *bad = findBadInfo(s.inputs, s.num_inputs);
  if (!bad)
    bad = findBadInfo(s.outputs, s.num_outputs);
  if (bad)
    return report(error, NNC_INVALID_MODEL,
                  "entry '%s': value '%s' has a kind, type or rank that this "
                  "runtime does not know",
                  s.name, bad->name ? bad->name : "");
  if (entry.arena_bytes < -1 || entry.scratch_bytes < -1 ||
      entry.num_slots < 0 || entry.num_pool_slots < 0 ||
      (entry.arena_bytes < 0 && entry.num_slots > 0 && !entry.lifetimes))
    return report(error, NNC_INVALID_MODEL,
                  "entry '%s': sizes of memory make no sense", s.name);
  return NNC_OK;
}

static nnc_status checkKernels(const nncrt_model &tables, nnc_error *error) {
  for (int32_t i = 0; i < tables.num_kernels; ++i) {
    const nncrt_kernel &kernel = tables.kernels[i];
    bool hasCode = kernel.phases && kernel.num_phases > 0;
    for (int32_t phase = 0; hasCode && phase < kernel.num_phases; ++phase)
      hasCode = kernel.phases[phase] != nullptr;
    if (!hasCode)
      return report(error, NNC_INVALID_MODEL, "kernel %d has no code", i);
  }
  return NNC_OK;
}

/// The same of a model for a GPU.
static nnc_status checkDeviceTables(const nncrt_model &tables,
                                    nnc_error *error) {
  const nncrt_device &device = *tables.device;
  int64_t phases = 0;
  for (int32_t i = 0; i < tables.num_kernels; ++i) {
    if (tables.kernels[i].num_phases < 1)
      return report(error, NNC_INVALID_MODEL, "kernel %d has no code", i);
    phases += tables.kernels[i].num_phases;
  }
  bool isComplete = device.num_images > 0 && device.images &&
                    device.num_phases == phases &&
                    (phases == 0 || device.phases);
  for (int32_t i = 0; isComplete && i < device.num_images; ++i)
    isComplete = device.images[i].data && device.images[i].bytes > 0;
  for (int32_t i = 0; isComplete && i < device.num_phases; ++i)
    isComplete = device.phases[i].name && device.phases[i].num_args >= 0 &&
                 device.phases[i].num_args <= NNCRT_MAX_DEVICE_ARGS &&
                 device.phases[i].threads >= 0 &&
                 device.phases[i].shared_bytes >= 0;
  if (isComplete)
    return NNC_OK;
  return report(error, NNC_INVALID_MODEL,
                "the model's tables for a GPU are not complete");
}

nnc_status nncrt::checkTables(const nncrt_model *tables, nnc_error *error) {
  if (!tables)
    return report(error, NNC_INVALID_ARGUMENT, "the model is a null pointer");
  if (tables->magic != NNCRT_MAGIC)
    return report(error, NNC_INVALID_MODEL,
                  "not a compiled model: expects the mark 0x%x but got 0x%x",
                  NNCRT_MAGIC, tables->magic);
  uint32_t version = tables->abi_version & ~NNCRT_WEIGHTS_IN_FILE;
  if (version != NNCRT_ABI_VERSION)
    return report(error, NNC_INVALID_MODEL,
                  "the model has ABI version %u but this runtime has %d; "
                  "compile the model again",
                  version, NNCRT_ABI_VERSION);
  if (tables->num_entries < 1 || !tables->entries || tables->num_kernels < 0 ||
      (tables->num_kernels > 0 && !tables->kernels) || !tables->signature_json)
    return report(error, NNC_INVALID_MODEL,
                  "the model's tables are not complete");
  if (((tables->weights_bytes > 0 || hasWeightsFile(*tables)) &&
       !tables->weights) ||
      reinterpret_cast<uintptr_t>(tables->weights) % NNCRT_ALIGNMENT)
    return report(error, NNC_INVALID_MODEL,
                  "the model's weights are missing or not aligned to %d bytes",
                  NNCRT_ALIGNMENT);
  if (hasWeightsFile(*tables))
    if (nnc_status status = checkWeightsFile(*tables, error))
      return status;
  if (nnc_status status = tables->device ? checkDeviceTables(*tables, error)
                                         : checkKernels(*tables, error))
    return status;
  for (int32_t i = 0; i < tables->num_entries; ++i)
    if (nnc_status status = checkEntry(tables->entries[i], i, error))
      return status;
  return NNC_OK;
}

/// The symbolic name of a dimension, NULL without one.
static const char *dimName(const nnc_value_info &info, int32_t axis) {
  return info.dim_names ? info.dim_names[axis] : nullptr;
}

/// Position of the first dimension called `name` among the inputs.
static int32_t findDim(const nnc_signature &signature, const char *name) {
  int32_t position = 0;
  for (size_t i = 0;; ++i) {
    const nnc_value_info &info = signature.inputs[i];
    for (int32_t axis = 0; axis < countAxes(info); ++axis, ++position) {
      const char *other = dimName(info, axis);
      if (other && strcmp(name, other) == 0)
        return position;
    }
  }
}

bool nncrt::prepareEntry(const nnc_signature &signature, EntryState &state) {
  size_t count = 0;
  for (size_t i = 0; i < signature.num_inputs; ++i)
    count += static_cast<size_t>(countAxes(signature.inputs[i]));
  state.sameAs = static_cast<int32_t *>(malloc((count + 1) * sizeof(int32_t)));
  if (!state.sameAs)
    return false;
  int32_t position = 0;
  for (size_t i = 0; i < signature.num_inputs; ++i)
    for (int32_t axis = 0; axis < countAxes(signature.inputs[i]); ++axis) {
      const char *name = dimName(signature.inputs[i], axis);
      state.sameAs[position] = name ? findDim(signature, name) : position;
      ++position;
    }
  return true;
}

void nncrt::releaseEntry(EntryState &state) {
  free(state.sameAs);
  free(state.buffers);
  free(state.sizes);
  free(state.offsets);
  free(state.work);
  state = EntryState();
}
