//===----------------------------------------------------------------------===//
// Memory of a context: slots and scratch in one arena, placed by the compiler
// or at the run, and the pool of buffers of unknown size.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Device.h"

#include <stdlib.h>
#include <string.h>

using namespace nncrt;

bool nncrt::alignUp(int64_t value, int64_t &result) {
  if (__builtin_add_overflow(value, NNCRT_ALIGNMENT - 1, &result))
    return false;
  result &= ~int64_t(NNCRT_ALIGNMENT - 1);
  return true;
}

bool Block::reserve(size_t wanted, bool keepContents) {
  if (wanted < NNCRT_ALIGNMENT)
    wanted = NNCRT_ALIGNMENT;
  if (wanted <= bytes)
    return true;
  if (!keepContents)
    release();
  void *fresh = nullptr;
  if (posix_memalign(&fresh, NNCRT_ALIGNMENT, wanted) != 0)
    return false;
  if (bytes)
    memcpy(fresh, data, bytes);
  release();
  data = static_cast<uint8_t *>(fresh);
  bytes = wanted;
  return true;
}

void Block::release() {
  free(data);
  data = nullptr;
  bytes = 0;
}

bool nncrt::totalBytes(int64_t slotBytes, int64_t scratchBytes, int32_t threads,
                       int64_t &total) {
  int64_t slots, stride, scratch;
  return alignUp(slotBytes, slots) && alignUp(scratchBytes, stride) &&
         !__builtin_mul_overflow(stride, int64_t(threads), &scratch) &&
         !__builtin_add_overflow(slots, scratch, &total) &&
         total <= INT64_MAX - NNCRT_ALIGNMENT;
}

/// Points the base into the caller's workspace if it has room.
static nnc_status useWorkspace(nnc_context &context, int64_t total) {
  auto address = reinterpret_cast<uintptr_t>(context.workspace);
  size_t padding = -address & (NNCRT_ALIGNMENT - 1);
  if (context.workspaceBytes < padding ||
      context.workspaceBytes - padding < static_cast<uint64_t>(total))
    return recordFailure(
        context, NNC_BUFFER_TOO_SMALL,
        "the workspace has %zu bytes but this run needs %lld bytes at an "
        "address that is a multiple of %d; see nnc_workspace_bytes",
        context.workspaceBytes, static_cast<long long>(total), NNCRT_ALIGNMENT);
  context.base = static_cast<uint8_t *>(context.workspace) + padding;
  return NNC_OK;
}

nnc_status nncrt::reserveArena(nnc_context &context, int64_t slotBytes,
                               int64_t scratchBytes) {
  int64_t total;
  if (!totalBytes(slotBytes, scratchBytes, context.threads, total))
    return recordFailure(context, NNC_OUT_OF_MEMORY,
                         "this run needs more memory than can be counted");
  if (context.device) {
    if (nnc_status status = reserveDeviceArena(context, slotBytes))
      return status;
    total = 0; // of the host
  } else if (total == 0) {
    context.base = context.dummy;
  } else if (context.workspace) {
    if (nnc_status status = useWorkspace(context, total))
      return status;
  } else {
    if (!context.arena.reserve(static_cast<size_t>(total), false))
      return recordFailure(context, NNC_OUT_OF_MEMORY,
                           "no memory for an arena of %lld bytes",
                           static_cast<long long>(total));
    context.base = context.arena.data;
  }
  int64_t slots = 0;
  alignUp(scratchBytes, context.scratchStride);
  alignUp(slotBytes, slots);
  context.scratch = context.base + slots;
  context.usedBytes = total;
  return NNC_OK;
}

/// The arrays of a placement, made once per entry point.
static bool makePlacement(const nncrt_entry &entry, EntryState &state) {
  if (state.work)
    return true;
  auto count = static_cast<size_t>(entry.num_slots);
  auto make = [](void *&array, size_t bytes) {
    if (!array)
      array = malloc(bytes ? bytes : 1);
    return array != nullptr;
  };
  void *buffers = state.buffers, *sizes = state.sizes, *offsets = state.offsets;
  bool good = make(buffers, count * sizeof(nncmem::Buffer)) &&
              make(sizes, count * sizeof(int64_t)) &&
              make(offsets, count * sizeof(int64_t)) &&
              make(state.work, nncmem::workBytes(count));
  state.buffers = static_cast<nncmem::Buffer *>(buffers);
  state.sizes = static_cast<int64_t *>(sizes);
  state.offsets = static_cast<int64_t *>(offsets);
  return good;
}

/// Places slots of new sizes.
static nnc_status place(nnc_context &context, const int64_t *sizes) {
  const nncrt_entry &entry = *context.entry;
  EntryState &state = *context.state;
  auto count = static_cast<size_t>(entry.num_slots);
  state.slotBytes = -1;
  for (size_t i = 0; i < count; ++i)
    state.buffers[i] = {sizes[i], NNCRT_ALIGNMENT, entry.lifetimes[i].first,
                        entry.lifetimes[i].last};
  nncmem::Problem problem{state.buffers, count};
  if (nncmem::Outcome outcome = nncmem::check(problem); !outcome)
    return recordFailure(context, NNC_INVALID_VALUE,
                         "entry '%s': for these shapes, slot %zu of %lld bytes "
                         "%s",
                         entry.signature.name, outcome.buffer,
                         static_cast<long long>(sizes[outcome.buffer]),
                         nncmem::errorText(outcome.error));
  state.slotBytes = nncmem::greedyBySize(problem, state.offsets, state.work);
  if (count)
    memcpy(state.sizes, sizes, count * sizeof(int64_t));
  return NNC_OK;
}

int32_t nncrt_place(nnc_context *context, const int64_t *sizes,
                    int64_t scratchBytes, int64_t *offsets) {
  const nncrt_entry &entry = *context->entry;
  EntryState &state = *context->state;
  auto count = static_cast<size_t>(entry.num_slots);
  if (scratchBytes < 0)
    return recordFailure(*context, NNC_INVALID_VALUE,
                         "entry '%s': for these shapes, scratch has %lld bytes",
                         entry.signature.name,
                         static_cast<long long>(scratchBytes));
  if (entry.scratch_bytes > scratchBytes)
    scratchBytes = entry.scratch_bytes;
  int64_t slotBytes = entry.arena_bytes;
  if (slotBytes < 0) {
    if (!makePlacement(entry, state))
      return recordFailure(*context, NNC_OUT_OF_MEMORY,
                           "no memory to place %d slots", entry.num_slots);
    bool isKnown =
        state.slotBytes >= 0 &&
        (!count || memcmp(state.sizes, sizes, count * sizeof(int64_t)) == 0);
    if (!isKnown)
      if (nnc_status status = place(*context, sizes))
        return status;
    if (count)
      memcpy(offsets, state.offsets, count * sizeof(int64_t));
    slotBytes = state.slotBytes;
  }
  if (!context->isQuery)
    return reserveArena(*context, slotBytes, scratchBytes);
  if (!totalBytes(slotBytes, scratchBytes, context->threads,
                  context->queryBytes))
    return recordFailure(*context, NNC_OUT_OF_MEMORY,
                         "this run needs more memory than can be counted");
  context->isPlaced = true;
  return NNC_INTERNAL_ERROR; // Makes the host function return; not reported.
}

int32_t nncrt_grow_scratch(nnc_context *context, int64_t bytes) {
  if (context->isQuery)
    return NNC_OK;
  int64_t stride, total;
  if (bytes < 0 || !alignUp(bytes, stride) ||
      __builtin_mul_overflow(stride, int64_t(context->threads), &total))
    return recordFailure(
        *context, NNC_INVALID_VALUE,
        "entry '%s': a kernel would need %lld bytes of scratch",
        context->entry->signature.name, static_cast<long long>(bytes));
  if (stride <= context->scratchStride)
    return NNC_OK;
  if (context->device) {
    context->scratchStride = stride;
    return NNC_OK;
  }
  if (!context->lateScratch.reserve(static_cast<size_t>(total), false))
    return recordFailure(*context, NNC_OUT_OF_MEMORY,
                         "no memory for a scratch of %lld bytes",
                         static_cast<long long>(total));
  context->scratch = context->lateScratch.data;
  context->scratchStride = stride;
  return NNC_OK;
}

void *nncrt_pool(nnc_context *context, int32_t slot, int64_t bytes) {
  if (context->isQuery)
    return context->dummy;
  if (slot < 0 || slot >= context->entry->num_pool_slots) {
    recordFailure(*context, NNC_INTERNAL_ERROR,
                  "entry '%s' has %d pool slots but asks for number %d",
                  context->entry->signature.name,
                  context->entry->num_pool_slots, slot);
    return nullptr;
  }
  if (bytes < 0) {
    recordFailure(*context, NNC_INVALID_VALUE,
                  "entry '%s': pool slot %d would have %lld bytes",
                  context->entry->signature.name, slot,
                  static_cast<long long>(bytes));
    return nullptr;
  }
  if (context->device)
    return devicePool(*context, slot, bytes);
  Block &block = context->pool[slot];
  auto wanted = static_cast<size_t>(bytes);
  if (wanted <= block.bytes && block.data)
    return block.data;
  // Half as much again, so that a growing loop copies each byte a few times.
  size_t generous = block.bytes + block.bytes / 2;
  if (block.reserve(generous > wanted ? generous : wanted, true) ||
      block.reserve(wanted, true))
    return block.data;
  recordFailure(*context, NNC_OUT_OF_MEMORY,
                "no memory for pool slot %d of %lld bytes", slot,
                static_cast<long long>(bytes));
  return nullptr;
}
