//===----------------------------------------------------------------------===//
// One run of an entry point, and the query for its workspace.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Device.h"

#include <stdlib.h>

using namespace nncrt;

static bool overlap(const void *a, size_t aBytes, const void *b,
                    size_t bBytes) {
  auto x = reinterpret_cast<uintptr_t>(a), y = reinterpret_cast<uintptr_t>(b);
  return aBytes && bBytes && (x < y ? y - x < aBytes : x - y < bBytes);
}

/// Memory that a run may write for output `index`.
static void outputMemory(const nnc_context &context, size_t index,
                         const void *&data, size_t &bytes) {
  const nnc_value &value = context.outputs[index];
  const Block &owned = context.owned[index];
  bool isOwned = !value.data || value.data == owned.data;
  data = isOwned ? owned.data : value.data;
  bytes = isOwned ? owned.bytes : value.bytes;
}

/// The memory that the run writes beside the outputs.
static void arenaMemory(const nnc_context &context, const void *&data,
                        size_t &bytes) {
  data = context.workspace ? context.workspace : context.arena.data;
  bytes = context.workspace ? context.workspaceBytes : context.arena.bytes;
}

/// Do outputs keep apart from inputs, from each other and from the arena?
static nnc_status checkOverlap(const nnc_context &context, nnc_error *error) {
  const nnc_signature &signature = context.entry->signature;
  const void *arena;
  size_t arenaBytes;
  arenaMemory(context, arena, arenaBytes);
  for (size_t i = 0; i < signature.num_outputs; ++i) {
    const void *data, *otherData;
    size_t bytes, otherBytes;
    outputMemory(context, i, data, bytes);
    const char *name = signature.outputs[i].name;
    for (size_t j = 0; j < signature.num_inputs; ++j) {
      const nnc_value &input = context.inputs[j];
      if (overlap(data, bytes, input.data,
                  static_cast<size_t>(valueBytes(input))))
        return report(error, NNC_INVALID_ARGUMENT,
                      "output '%s' overlaps input '%s'; give them memory of "
                      "their own",
                      name, signature.inputs[j].name);
    }
    for (size_t j = 0; j < i; ++j) {
      outputMemory(context, j, otherData, otherBytes);
      if (overlap(data, bytes, otherData, otherBytes))
        return report(error, NNC_INVALID_ARGUMENT,
                      "output '%s' overlaps output '%s'; give them memory of "
                      "their own",
                      name, signature.outputs[j].name);
    }
    if (overlap(data, bytes, arena, arenaBytes))
      return report(error, NNC_INVALID_ARGUMENT,
                    "output '%s' overlaps the workspace", name);
  }
  for (size_t j = 0; j < signature.num_inputs; ++j)
    if (overlap(context.inputs[j].data,
                static_cast<size_t>(valueBytes(context.inputs[j])), arena,
                arenaBytes))
      return report(error, NNC_INVALID_ARGUMENT,
                    "input '%s' overlaps the workspace",
                    signature.inputs[j].name);
  return NNC_OK;
}

/// Sets what the signature fixes about an output. NNC_BUFFER_TOO_SMALL if it
/// has no room for it.
static nnc_status prepareOutput(const nnc_context &context, size_t index,
                                nnc_error *error) {
  const nnc_value_info &info = context.entry->signature.outputs[index];
  nnc_value &value = context.outputs[index];
  if (info.kind == NNC_SEQUENCE || info.optional || info.type == NNC_STRING)
    value = nnc_value();
  if (info.kind == NNC_SEQUENCE || info.optional)
    return NNC_OK;
  if (value.data &&
      reinterpret_cast<uintptr_t>(value.data) % nnc_type_bytes(info.type))
    return report(error, NNC_INVALID_ARGUMENT,
                  "output '%s': expects data aligned to its element of %zu "
                  "bytes but got the address %p",
                  info.name, nnc_type_bytes(info.type), value.data);
  value.kind = NNC_TENSOR;
  value.type = info.type;
  value.rank = info.rank;
  for (int32_t axis = 0; axis < info.rank; ++axis)
    value.dims[axis] = info.dims[axis];
  int64_t bytes;
  if (!tensorBytes(info.type, info.rank, info.dims, bytes) || !value.data ||
      value.data == context.owned[index].data ||
      value.bytes >= static_cast<uint64_t>(bytes))
    return NNC_OK;
  return report(error, NNC_BUFFER_TOO_SMALL,
                "output '%s': needs %lld bytes but 'bytes' is %zu", info.name,
                static_cast<long long>(bytes), value.bytes);
}

static nnc_status prepareOutputs(const nnc_context &context, size_t count,
                                 nnc_error *error) {
  const nnc_signature &signature = context.entry->signature;
  if (count != signature.num_outputs)
    return report(error, NNC_INVALID_ARGUMENT,
                  "entry '%s': expects %zu outputs but got %zu", signature.name,
                  signature.num_outputs, count);
  if (count && !context.outputs)
    return report(error, NNC_INVALID_ARGUMENT,
                  "entry '%s': outputs are a null pointer", signature.name);
  // All of them, so that a caller learns every shape at once.
  nnc_status result = NNC_OK;
  for (size_t i = 0; i < count; ++i) {
    if (signature.outputs[i].kind == NNC_ABSENT) {
      context.outputs[i].kind = NNC_ABSENT;
      continue;
    }
    nnc_status status =
        prepareOutput(context, i, result == NNC_OK ? error : nullptr);
    if (result == NNC_OK)
      result = status;
  }
  return result;
}

/// What the run gave: the status of the host function or a recorded one.
static nnc_status conclude(nnc_context &context, int32_t code,
                           nnc_error *error) {
  if (code == NNC_OK && context.status == NNC_OK)
    return succeed(error);
  if (context.status != NNC_OK)
    return report(error, context.status, "%s", context.message);
  auto status = code > NNC_OK && code <= lastStatus
                    ? static_cast<nnc_status>(code)
                    : NNC_INTERNAL_ERROR;
  return report(error, status, "entry '%s': %s", context.entry->signature.name,
                nnc_status_text(status));
}

/// The same after outputs of strings have got their texts.
static nnc_status finish(nnc_context &context, int32_t code, size_t numOutputs,
                         nnc_error *error) {
  const nnc_value_info *infos = context.entry->signature.outputs;
  for (size_t i = 0; i < numOutputs; ++i)
    if (code == NNC_OK && context.status == NNC_OK &&
        infos[i].kind == NNC_TENSOR && infos[i].type == NNC_STRING)
      code = finishStrings(context, i);
  return conclude(context, code, error);
}

/// Begins a run of `entry` or a query: forgets the last one.
static nnc_status enter(nnc_context &context, size_t entry,
                        const nnc_value *inputs, size_t numInputs,
                        nnc_error *error) {
  auto count = static_cast<size_t>(context.tables->num_entries);
  if (entry >= count)
    return report(error, NNC_INVALID_ARGUMENT,
                  "the model has %zu entry points but number %zu is asked for",
                  count, entry);
  context.entry = &context.tables->entries[entry];
  context.state = &context.entries[entry];
  context.inputs = inputs;
  context.base = nullptr;
  context.scratch = nullptr;
  context.scratchStride = 0;
  context.status = NNC_OK;
  context.message[0] = '\0';
  context.strings = nullptr;
  resetHeap(context.heap);
  return checkInputs(context.entry->signature, *context.state, inputs,
                     numInputs, context.isQuery, error);
}

static bool isStatic(const nncrt_entry &entry) {
  return entry.arena_bytes >= 0 && entry.scratch_bytes >= 0;
}

/// Calls the host function with memory for what it computes.
static int32_t execute(nnc_context &context) {
  int32_t code = context.device ? enterDevice(context) : NNC_OK;
  if (code != NNC_OK)
    return code;
  if (isStatic(*context.entry))
    code = reserveArena(context, context.entry->arena_bytes,
                        context.entry->scratch_bytes);
  if (code == NNC_OK)
    code = context.device ? runOnDevice(context) : context.entry->run(&context);
  if (!context.device)
    return code;
  nnc_status finished = finishOutputs(context);
  leaveDevice(context);
  return code == NNC_OK ? finished : code;
}

static nnc_status run(nnc_context &context, size_t entry,
                      const nnc_value *inputs, size_t numInputs,
                      nnc_value *outputs, size_t numOutputs, nnc_error *error) {
  context.outputs = outputs;
  if (nnc_status status = enter(context, entry, inputs, numInputs, error))
    return status;
  if (nnc_status status = prepareOutputs(context, numOutputs, error))
    return status;
  if (nnc_status status = checkOverlap(context, error))
    return status;
  int32_t code = execute(context);
  nnc_status status = finish(context, code, numOutputs, error);
  const nnc_value_info *infos = context.entry->signature.outputs;
  for (size_t i = 0; status != NNC_OK && i < numOutputs; ++i)
    if (outputs[i].data && (outputs[i].data == context.owned[i].data ||
                            infos[i].type == NNC_STRING)) {
      outputs[i].data = nullptr;
      outputs[i].bytes = 0;
    }
  return status;
}

nnc_status nnc_context_run(nnc_context *context, size_t entry,
                           const nnc_value *inputs, size_t numInputs,
                           nnc_value *outputs, size_t numOutputs,
                           nnc_error *error) {
  if (!context)
    return report(error, NNC_INVALID_ARGUMENT, "the context is a null pointer");
  if (context->library)
    return context->library->context_run(context->inner, entry, inputs,
                                         numInputs, outputs, numOutputs, error);
  if (context->busy.exchange(true))
    return report(error, NNC_INVALID_ARGUMENT,
                  "the context is in use; make one for each thread");
  nnc_status status =
      run(*context, entry, inputs, numInputs, outputs, numOutputs, error);
  context->busy.store(false);
  return status;
}

/// One buffer of zeros for all inputs without data.
static nnc_status makeZeros(nnc_context &context, size_t count,
                            nnc_error *error) {
  int64_t most = 0;
  for (size_t i = 0; i < count; ++i) {
    int64_t bytes = context.inputs[i].data ? 0 : valueBytes(context.inputs[i]);
    if (bytes > most)
      most = bytes;
  }
  if (most == 0)
    return NNC_OK;
  context.zeros = calloc(static_cast<size_t>(most), 1);
  if (context.zeros)
    return NNC_OK;
  return report(error, NNC_OUT_OF_MEMORY,
                "no memory for %lld bytes of zeros in place of input data",
                static_cast<long long>(most));
}

/// Asks a dynamic entry: lets its host function compute sizes.
static nnc_status ask(nnc_context &context, size_t entry,
                      const nnc_value *inputs, size_t numInputs,
                      nnc_error *error) {
  context.isQuery = true;
  if (nnc_status status = enter(context, entry, inputs, numInputs, error))
    return status;
  const nncrt_entry &table = *context.entry;
  if (isStatic(table)) {
    if (totalBytes(table.arena_bytes, table.scratch_bytes, context.threads,
                   context.queryBytes))
      return NNC_OK;
    return report(error, NNC_OUT_OF_MEMORY,
                  "this run needs more memory than can be counted");
  }
  if (nnc_status status = makeZeros(context, numInputs, error))
    return status;
  int32_t code = table.run(&context);
  if (context.isPlaced)
    return NNC_OK;
  return conclude(context, code, error);
}

/// Values as the signature has them, for an entry whose shapes are fixed. The
/// caller frees them.
static nnc_status fixedInputs(const nnc_signature &signature,
                              nnc_value *&values, nnc_error *error) {
  values =
      static_cast<nnc_value *>(calloc(signature.num_inputs, sizeof(nnc_value)));
  if (!values)
    return report(error, NNC_OUT_OF_MEMORY,
                  "no memory for the signature's inputs");
  for (size_t i = 0; i < signature.num_inputs; ++i) {
    const nnc_value_info &info = signature.inputs[i];
    values[i].kind = info.optional ? NNC_ABSENT : info.kind;
    if (values[i].kind == NNC_SEQUENCE)
      return report(error, NNC_INVALID_ARGUMENT,
                    "entry '%s': the length of input '%s' is not fixed; give "
                    "the shapes of all inputs",
                    signature.name, info.name);
    values[i].type = info.type;
    values[i].rank = info.rank;
    for (int32_t axis = 0; axis < info.rank && info.kind == NNC_TENSOR;
         ++axis) {
      values[i].dims[axis] = info.dims[axis];
      if (info.dims[axis] < 0)
        return report(error, NNC_INVALID_ARGUMENT,
                      "entry '%s': the shape of input '%s' is not fixed; give "
                      "the shapes of all inputs",
                      signature.name, info.name);
    }
  }
  return NNC_OK;
}

/// The query on checked tables and arguments.
static nnc_status query(const nncrt_model *tables, size_t entry,
                        const nnc_value *inputs, size_t numInputs,
                        int32_t threads, int64_t &bytes, nnc_error *error) {
  const nncrt_entry &table = tables->entries[entry];
  if (numInputs == 0 && isStatic(table)) {
    if (totalBytes(table.arena_bytes, table.scratch_bytes, threads, bytes))
      return NNC_OK;
    return report(error, NNC_OUT_OF_MEMORY,
                  "this run needs more memory than can be counted");
  }
  nnc_value *fixed = nullptr;
  nnc_status status = NNC_OK;
  if (numInputs == 0 && table.signature.num_inputs > 0) {
    status = fixedInputs(table.signature, fixed, error);
    inputs = fixed;
    numInputs = table.signature.num_inputs;
  }
  nnc_context *context = nullptr;
  if (status == NNC_OK)
    status = makeContext(tables, &context, error);
  if (status == NNC_OK) {
    context->threads = threads;
    status = ask(*context, entry, inputs, numInputs, error);
    bytes = context->queryBytes;
  }
  nnc_context_destroy(context);
  free(fixed);
  return status;
}

nnc_status nncrt_workspace_bytes(const nncrt_model *tables, size_t entry,
                                 const nnc_value *inputs, size_t numInputs,
                                 int32_t threads, size_t *bytes,
                                 nnc_error *error) {
  if (!bytes)
    return report(error, NNC_INVALID_ARGUMENT,
                  "the place for the number of bytes is a null pointer");
  *bytes = 0;
  if (nnc_status status = nncrt_select_variant(tables, nullptr, &tables, error))
    return status;
  auto count = static_cast<size_t>(tables->num_entries);
  if (threads < 0 || threads > maxThreads || entry >= count)
    return report(error, NNC_INVALID_ARGUMENT,
                  "expects 0 to %d threads and an entry point below %zu, but "
                  "got %d threads and number %zu",
                  maxThreads, count, threads, entry);
  // The memory of a GPU is never the caller's.
  if (tables->device)
    return succeed(error);
  int64_t total = 0;
  if (nnc_status status = query(tables, entry, inputs, numInputs,
                                threads > 0 ? threads : 1, total, error))
    return status;
  // Room to align any address.
  *bytes = total ? static_cast<size_t>(total) + NNCRT_ALIGNMENT - 1 : 0;
  return succeed(error);
}
