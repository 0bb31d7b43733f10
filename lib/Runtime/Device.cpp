//===----------------------------------------------------------------------===//
// The memory of a context on a GPU, copies to and from it, and launches.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Device.h"

#include <stdlib.h>

using namespace nncrt;

/// Threads of a block, where there is enough work: eight warps hide the latency
/// of memory and leave each thread 255 registers.
static constexpr int64_t blockThreads = 256;
static constexpr int64_t warpThreads = 32;
/// Blocks a multiprocessor: enough to keep it busy to the end. Threads of a
/// larger grid would be started to do one unit each.
static constexpr int64_t blocksPerMultiprocessor = 32;
/// Scratch of all threads together; if they need more, there are fewer threads.
static constexpr int64_t mostScratchBytes = int64_t(256) << 20;

static void *toHostType(cuda::Pointer pointer) {
  return reinterpret_cast<void *>(static_cast<uintptr_t>(pointer));
}
static cuda::Pointer toDeviceType(const void *pointer) {
  return static_cast<cuda::Pointer>(reinterpret_cast<uintptr_t>(pointer));
}

static nnc_status fail(nnc_context &context, const char *what,
                       cuda::Result result) {
  return recordFailure(context, NNC_DEVICE_ERROR, "the GPU can't %s: %s", what,
                       cuda::ResultText(context.device->driver(), result).text);
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

static cuda::Result allocate(DeviceState &device, cuda::Pointer &data,
                             size_t bytes) {
  const cuda::Driver &driver = device.driver();
  return driver.hasPools ? driver.allocateAsync(&data, bytes, device.stream)
                         : driver.allocate(&data, bytes);
}

static void release(DeviceState &device, DeviceBlock &block) {
  const cuda::Driver &driver = device.driver();
  if (block.data && driver.hasPools)
    driver.releaseAsync(block.data, device.stream);
  else if (block.data)
    driver.release(block.data);
  block = DeviceBlock();
}

/// At least `wanted` bytes; with `keepContents` those that it has. On failure
/// the block stays as it is.
static nnc_status reserve(nnc_context &context, DeviceBlock &block,
                          size_t wanted, bool keepContents) {
  if (wanted < NNCRT_ALIGNMENT)
    wanted = NNCRT_ALIGNMENT;
  if (wanted <= block.bytes)
    return NNC_OK;
  DeviceState &device = *context.device;
  // It would be memory of the recorded launches alone.
  if (device.isCapturing)
    return recordFailure(context, NNC_INTERNAL_ERROR,
                         "launches that are recorded need memory");
  ++device.generation;
  if (!keepContents)
    release(device, block);
  DeviceBlock fresh;
  if (cuda::Result result = allocate(device, fresh.data, wanted))
    return recordFailure(context, NNC_OUT_OF_MEMORY,
                         "the GPU has no memory for %zu bytes: %s", wanted,
                         cuda::ResultText(device.driver(), result).text);
  fresh.bytes = wanted;
  if (block.bytes)
    if (cuda::Result result = device.driver().copyOnDevice(
            fresh.data, block.data, block.bytes, device.stream)) {
      release(device, fresh);
      return fail(context, "copy its memory", result);
    }
  release(device, block);
  block = fresh;
  return NNC_OK;
}

static size_t sumBytes(const DeviceBlock *blocks, int32_t count) {
  size_t bytes = 0;
  for (int32_t i = 0; i < count; ++i)
    bytes += blocks[i].bytes;
  return bytes;
}

size_t nncrt::deviceBytes(const DeviceState &device) {
  return device.arena.bytes + device.scratch.bytes +
         sumBytes(device.inputs, device.numInputs) +
         sumBytes(device.outputs, device.numOutputs) +
         sumBytes(device.pool, device.numPool) +
         sumBytes(device.copies, device.numCopies);
}

//===----------------------------------------------------------------------===//
// Life of a context
//===----------------------------------------------------------------------===//

/// Blocks for the entry with the most of each.
static bool makeBlocks(nnc_context &context) {
  DeviceState &device = *context.device;
  const nncrt_model &tables = *context.tables;
  for (int32_t i = 0; i < tables.num_entries; ++i) {
    auto inputs = static_cast<int32_t>(tables.entries[i].signature.num_inputs);
    if (inputs > device.numInputs)
      device.numInputs = inputs;
  }
  device.numOutputs = context.numOwned;
  device.numPool = context.numPool;
  auto make = [](int32_t count) {
    auto *blocks = static_cast<DeviceBlock *>(
        malloc((static_cast<size_t>(count) + 1) * sizeof(DeviceBlock)));
    for (int32_t i = 0; blocks && i < count; ++i)
      blocks[i] = DeviceBlock();
    return blocks;
  };
  device.inputs = make(device.numInputs);
  device.outputs = make(device.numOutputs);
  device.pool = make(device.numPool);
  auto entries = static_cast<size_t>(tables.num_entries);
  device.graphs =
      static_cast<DeviceGraph *>(malloc(entries * sizeof(DeviceGraph)));
  for (size_t i = 0; device.graphs && i < entries; ++i)
    device.graphs[i] = DeviceGraph();
  return device.inputs && device.outputs && device.pool && device.graphs;
}

nnc_status nncrt::openDevice(nnc_context &context, nnc_error *error) {
  auto *device = static_cast<DeviceState *>(malloc(sizeof(DeviceState)));
  if (!device)
    return report(error, NNC_OUT_OF_MEMORY, "no memory for a context");
  *device = DeviceState();
  nnc_status status = acquireDeviceModel(context.tables, device->model, error);
  if (status != NNC_OK) {
    free(device);
    return status;
  }
  context.device = device;
  if (cuda::Result result = device->driver().streamCreate(
          &device->stream, cuda::streamNonBlocking)) {
    device->stream = nullptr;
    status = report(error, NNC_DEVICE_ERROR, "the GPU can't make a stream: %s",
                    cuda::ResultText(device->driver(), result).text);
  } else if (!makeBlocks(context)) {
    status = report(error, NNC_OUT_OF_MEMORY, "no memory for a context");
  }
  leaveDevice(context);
  return status;
}

static void releaseAll(DeviceState &device, DeviceBlock *blocks,
                       int32_t count) {
  for (int32_t i = 0; blocks && i < count; ++i)
    release(device, blocks[i]);
}

void nncrt::closeDevice(nnc_context &context) {
  if (!context.device)
    return;
  DeviceState &device = *context.device;
  if (enterDevice(context) == NNC_OK) {
    release(device, device.arena);
    release(device, device.scratch);
    releaseAll(device, device.inputs, device.numInputs);
    releaseAll(device, device.outputs, device.numOutputs);
    releaseAll(device, device.pool, device.numPool);
    releaseAll(device, device.copies, device.numCopies);
    for (int32_t i = 0; device.graphs && i < context.tables->num_entries; ++i)
      destroyGraph(device, device.graphs[i]);
    if (device.stream) {
      device.driver().streamSynchronize(device.stream);
      device.driver().streamDestroy(device.stream);
    }
    leaveDevice(context);
  }
  releaseDeviceModel(device.model);
  free(device.inputs);
  free(device.outputs);
  free(device.pool);
  free(device.copies);
  free(device.graphs);
  free(context.device);
  context.device = nullptr;
}

nnc_status nncrt::enterDevice(nnc_context &context) {
  DeviceState &device = *context.device;
  if (cuda::Result result = device.driver().contextPush(device.model->context))
    return fail(context, "be used", result);
  for (int32_t i = 0; i < device.numCopies; ++i)
    release(device, device.copies[i]);
  device.numCopies = 0;
  for (int32_t i = 0; device.outputs && i < device.numOutputs; ++i)
    device.outputs[i].pending = -1;
  return NNC_OK;
}

void nncrt::leaveDevice(nnc_context &context) {
  cuda::Context current;
  context.device->driver().contextPop(&current);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

nnc_status nncrt::reserveDeviceArena(nnc_context &context, int64_t slotBytes) {
  DeviceState &device = *context.device;
  if (nnc_status status =
          reserve(context, device.arena, static_cast<size_t>(slotBytes), false))
    return status;
  context.base = static_cast<uint8_t *>(toHostType(device.arena.data));
  return NNC_OK;
}

/// Has the caller given memory of the GPU? Of plain memory of the host the
/// driver knows nothing.
static bool isDeviceMemory(const DeviceState &device, const void *data) {
  unsigned type = 0;
  return device.driver().pointerGetAttribute(&type, cuda::pointerMemoryType,
                                             toDeviceType(data)) == 0 &&
         type == cuda::memoryOfDevice;
}

static nnc_status upload(nnc_context &context, DeviceBlock &block,
                         const void *data, size_t bytes) {
  DeviceState &device = *context.device;
  if (nnc_status status = reserve(context, block, bytes, false))
    return status;
  if (bytes == 0)
    return NNC_OK;
  const cuda::Driver &driver = device.driver();
  if (isDeviceMemory(device, data)) {
    if (cuda::Result result = driver.copyOnDevice(
            block.data, toDeviceType(data), bytes, device.stream))
      return fail(context, "copy an input", result);
    return NNC_OK;
  }
  if (cuda::Result result =
          driver.copyToDevice(block.data, data, bytes, device.stream))
    return fail(context, "take data from the host", result);
  return NNC_OK;
}

static nnc_status download(nnc_context &context, void *place,
                           cuda::Pointer data, size_t bytes) {
  DeviceState &device = *context.device;
  const cuda::Driver &driver = device.driver();
  if (isDeviceMemory(device, place)) {
    if (cuda::Result result = driver.copyOnDevice(toDeviceType(place), data,
                                                  bytes, device.stream))
      return fail(context, "copy an output", result);
    return NNC_OK;
  }
  if (cuda::Result result =
          driver.copyToHost(place, data, bytes, device.stream))
    return fail(context, "give data to the host", result);
  return NNC_OK;
}

static nnc_status wait(nnc_context &context) {
  if (cuda::Result result =
          context.device->driver().streamSynchronize(context.device->stream))
    return fail(context, "finish its work", result);
  return NNC_OK;
}

void *nncrt::deviceInput(nnc_context &context, int32_t index) {
  DeviceBlock &block = context.device->inputs[index];
  const nnc_value &value = context.inputs[index];
  // The copy is made in front of the launches that are recorded.
  if (context.device->isCapturing)
    return toHostType(block.data);
  if (upload(context, block, value.data,
             static_cast<size_t>(valueBytes(value))) != NNC_OK)
    return nullptr;
  return toHostType(block.data);
}

void *nncrt::deviceOutput(nnc_context &context, int32_t index, int64_t bytes) {
  DeviceBlock &block = context.device->outputs[index];
  if (reserve(context, block, static_cast<size_t>(bytes), false) != NNC_OK)
    return nullptr;
  block.pending = bytes;
  return toHostType(block.data);
}

void *nncrt::devicePool(nnc_context &context, int32_t slot, int64_t bytes) {
  DeviceBlock &block = context.device->pool[slot];
  auto wanted = static_cast<size_t>(bytes);
  size_t generous = block.bytes + block.bytes / 2;
  if (wanted > block.bytes && generous > wanted)
    wanted = generous;
  if (reserve(context, block, wanted, true) != NNC_OK)
    return nullptr;
  return toHostType(block.data);
}

nnc_status nncrt::finishOutputs(nnc_context &context) {
  DeviceState &device = *context.device;
  for (int32_t i = 0; context.status == NNC_OK && i < device.numOutputs; ++i) {
    DeviceBlock &block = device.outputs[i];
    if (block.pending > 0)
      download(context, context.outputs[i].data, block.data,
               static_cast<size_t>(block.pending));
    block.pending = -1;
  }
  // Also after a failure: nothing of this run may go on behind it.
  nnc_status done = wait(context);
  return context.status == NNC_OK ? done : context.status;
}

/// Where the host has the same bytes; NULL if it does not.
static const void *findOnHost(nnc_context &context, cuda::Pointer data) {
  auto within = [&](cuda::Pointer base, size_t bytes) {
    return base && data >= base && data - base < bytes;
  };
  DeviceState &device = *context.device;
  const nncrt_model &tables = *context.tables;
  if (within(device.model->weights, tables.weights_bytes))
    return tables.weights + (data - device.model->weights);
  auto count = static_cast<int32_t>(context.entry->signature.num_inputs);
  for (int32_t i = 0; i < count; ++i) {
    const nnc_value &value = context.inputs[i];
    if (value.kind == NNC_TENSOR && value.data &&
        !isDeviceMemory(device, value.data) &&
        within(device.inputs[i].data, static_cast<size_t>(valueBytes(value))))
      return static_cast<const uint8_t *>(value.data) +
             (data - device.inputs[i].data);
  }
  return nullptr;
}

const void *nncrt_to_host(nnc_context *context, const void *data,
                          int64_t bytes) {
  if (context->isQuery || !context->device)
    return data;
  context->device->dependsOnData = true;
  if (const void *known = findOnHost(*context, toDeviceType(data)))
    return known;
  void *copy = allocate(*context, bytes);
  if (!copy || bytes == 0)
    return copy;
  if (download(*context, copy, toDeviceType(data),
               static_cast<size_t>(bytes)) != NNC_OK ||
      wait(*context) != NNC_OK)
    return nullptr;
  return copy;
}

void *nncrt_to_device(nnc_context *context, const void *data, int64_t bytes) {
  if (context->isQuery || !context->device)
    return const_cast<void *>(data);
  DeviceState &device = *context->device;
  device.dependsOnData = true;
  if (device.numCopies == device.maxCopies) {
    int32_t more = 2 * device.maxCopies + 8;
    auto *copies = static_cast<DeviceBlock *>(realloc(
        device.copies, static_cast<size_t>(more) * sizeof(DeviceBlock)));
    if (!copies) {
      recordFailure(*context, NNC_OUT_OF_MEMORY,
                    "no memory for a list of %d copies", more);
      return nullptr;
    }
    device.copies = copies;
    device.maxCopies = more;
  }
  DeviceBlock &block = device.copies[device.numCopies++];
  block = DeviceBlock();
  if (upload(*context, block, data, static_cast<size_t>(bytes)) != NNC_OK)
    return nullptr;
  return toHostType(block.data);
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

namespace {
/// How many threads share the units of a phase.
struct Grid {
  int64_t blocks, threads; ///< Of a block.

  /// `most`: parts that there is scratch for.
  Grid(const nncrt_device_phase &phase, int64_t units, int64_t most,
       int64_t multiprocessors) {
    int64_t wanted = units < most ? units : most;
    int64_t limit = blocksPerMultiprocessor * multiprocessors;
    if (phase.threads) {
      threads = phase.threads;
      blocks = wanted < limit ? wanted : limit;
      return;
    }
    threads = blockThreads;
    // Little work is spread over all multiprocessors.
    while (threads > warpThreads && wanted < threads * multiprocessors)
      threads /= 2;
    if (threads > wanted)
      threads = wanted;
    blocks = (wanted + threads - 1) / threads;
    if (blocks > most / threads)
      blocks = most / threads;
    if (blocks > limit)
      blocks = limit;
  }
};
} // namespace

static nnc_status launch(nnc_context &context, int32_t phase,
                         const int64_t *args, int64_t units) {
  DeviceState &device = *context.device;
  const nncrt_device_phase &row = context.tables->device->phases[phase];
  int64_t part = context.scratchStride, most = INT64_MAX;
  if (row.flags & NNCRT_PHASE_SCRATCH) {
    if (part < NNCRT_ALIGNMENT)
      part = NNCRT_ALIGNMENT;
    most = part < mostScratchBytes ? mostScratchBytes / part : 1;
  }
  Grid grid(row, units, most, device.driver().multiprocessors);
  if (row.flags & NNCRT_PHASE_SCRATCH) {
    int64_t parts = row.threads ? grid.blocks : grid.blocks * grid.threads;
    if (nnc_status status = reserve(context, device.scratch,
                                    static_cast<size_t>(parts * part), false))
      return status;
  }
  void *parameters[NNCRT_MAX_DEVICE_ARGS + 3];
  for (int32_t i = 0; i < row.num_args; ++i)
    parameters[i] = const_cast<int64_t *>(&args[i]);
  parameters[row.num_args] = &units;
  parameters[row.num_args + 1] = &device.scratch.data;
  parameters[row.num_args + 2] = &part;
  if (cuda::Result result = device.driver().launch(
          device.model->phases[phase], static_cast<unsigned>(grid.blocks), 1, 1,
          static_cast<unsigned>(grid.threads), 1, 1,
          static_cast<unsigned>(row.shared_bytes), device.stream, parameters,
          nullptr))
    return recordFailure(context, NNC_DEVICE_ERROR,
                         "the GPU can't start the kernel '%s': %s", row.name,
                         cuda::ResultText(device.driver(), result).text);
  return NNC_OK;
}

void nncrt::launchPhases(nnc_context &context, int32_t index,
                         const int64_t *args, const int64_t *units,
                         bool waits) {
  // After a failure pointers may be null.
  if (context.status != NNC_OK)
    return;
  const nncrt_kernel &kernel = context.tables->kernels[index];
  int32_t first = context.device->model->firstPhase[index];
  for (int32_t phase = 0; phase < kernel.num_phases; ++phase)
    if (units[phase] > 0 &&
        launch(context, first + phase, args, units[phase]) != NNC_OK)
      return;
  if (waits)
    wait(context);
}
