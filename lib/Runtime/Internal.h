//===----------------------------------------------------------------------===//
// What the files of the runtime share: contexts, models, blocks of memory.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_RUNTIME_INTERNAL_H
#define NNC_LIB_RUNTIME_INTERNAL_H

#include "lib/Runtime/Atomic.h"
#include "lib/Runtime/Weights.h"
#include "nnc/Memory/Storage.h"

namespace nncrt {

/// The last of nnc_status.
inline constexpr int32_t lastStatus = NNC_DEVICE_ERROR;

/// More threads than any machine has; bounds all sizes that depend on them.
inline constexpr int32_t maxThreads = 4096;

/// Writes status and message to `error` unless it is NULL; returns `status`.
__attribute__((format(printf, 3, 4))) nnc_status report(nnc_error *error,
                                                        nnc_status status,
                                                        const char *format,
                                                        ...);

/// Success: clears `error` unless it is NULL.
nnc_status succeed(nnc_error *error);

/// Rounds up to NNCRT_ALIGNMENT. False on overflow; `value` must be >= 0.
bool alignUp(int64_t value, int64_t &result);

/// Memory on a boundary of NNCRT_ALIGNMENT that grows and is kept.
struct Block {
  uint8_t *data = nullptr;
  size_t bytes = 0;

  /// At least max(wanted, NNCRT_ALIGNMENT) bytes; false without memory, then
  /// the block is empty unless `keepContents`.
  bool reserve(size_t wanted, bool keepContents);
  void release();
};

/// What a context remembers of one entry point.
struct EntryState {
  /// For every input dimension in order: the position of the first dimension
  /// with the same symbolic name, its own if there is none before.
  int32_t *sameAs = nullptr;
  /// For nncrt_place: buffers, sizes and offsets of the last placement.
  nncmem::Buffer *buffers = nullptr;
  int64_t *sizes = nullptr;
  int64_t *offsets = nullptr;
  void *work = nullptr;
  int64_t slotBytes = -1; ///< -1: not placed yet.
};

/// An enumerator as a caller or an artifact gives it: any number.
template <typename Enum>
int32_t rawValue(const Enum &value) {
  static_assert(sizeof(Enum) == sizeof(int32_t));
  int32_t raw;
  __builtin_memcpy(&raw, &value, sizeof raw);
  return raw;
}

/// Dimensions that a signature says of a value itself: none of a sequence.
inline int32_t countAxes(const nnc_value_info &info) {
  return info.kind == NNC_TENSOR ? info.rank : 0;
}

struct ThreadPool;
struct DeviceState;

/// A piece of the memory of a run's sequences and strings; see Lists.
struct HeapChunk;
/// Memory that lasts until the next run, aligned to NNCRT_ALIGNMENT; NULL and a
/// recorded failure if there is none.
void *allocate(nnc_context &context, int64_t bytes);
void releaseHeap(HeapChunk *&heap);
/// Frees all for the next run, kept warm.
void resetHeap(HeapChunk *&heap);
size_t heapBytes(const HeapChunk *heap);

/// The strings of a run by number; see Strings. In the heap, like the numbers
/// that stand for them in kernels.
struct StringTable;

/// Has a checked number of elements the text that nnc.h describes?
nnc_status checkStrings(const nnc_value_info &info, const nnc_value &value,
                        int64_t count, nnc_error *error);
/// Makes texts, in memory of the context, of the numbers that the run has left
/// in output `index`. Records its failure in the context.
nnc_status finishStrings(nnc_context &context, size_t index);

/// The work of one nncrt_parallel, cut into `chunks` contiguous pieces.
struct Job {
  nncrt_kernel_fn fn;
  const int64_t *args;
  int64_t units;
  int32_t chunks;
  uint8_t *scratch;
  int64_t scratchStride;
  Atomic<const char *> *outside; ///< Of the context.

  void runChunk(int32_t index) const;
};

/// Runs a job on `pool`, creating workers at the first use; the caller works
/// too. A pool with fewer workers than asked for makes fewer chunks.
void runOnPool(ThreadPool *&pool, int32_t threads, Job &job);
void destroyPool(ThreadPool *pool);

/// On how many threads a kernel is faster, found out in its first runs: handing
/// work to others takes longer than the work of small kernels. Results do not
/// depend on it.
struct ThreadChoice {
  int64_t units;      ///< That the rest is about.
  int64_t leastNs[2]; ///< Of the runs on one thread, and of those on all.
  int32_t runs;

  /// Should the next run, of so many units, be on all threads? Many fewer or
  /// more units than before are a new kernel.
  bool isWide(int64_t count);
  /// True while runs are still to be timed.
  bool isOpen() const;
  void record(bool wide, int64_t ns);
};

/// CPUs that the process may use, at least 1.
int32_t availableCpus();

/// Is the table one that this runtime understands, and is it consistent?
nnc_status checkTables(const nncrt_model *tables, nnc_error *error);
/// Has the CPU all that the table asks for? Asks the kernel for AMX if needed.
nnc_status checkCpu(const nncrt_model *tables, nnc_error *error);

/// Fills `state->sameAs`. False without memory.
bool prepareEntry(const nnc_signature &signature, EntryState &state);
void releaseEntry(EntryState &state);

/// Do `inputs` fit the signature? In a query data may be NULL.
nnc_status checkInputs(const nnc_signature &signature, const EntryState &state,
                       const nnc_value *inputs, size_t count, bool isQuery,
                       nnc_error *error);
/// Bytes of a value that has passed a check.
int64_t valueBytes(const nnc_value &value);
/// Bytes of a tensor, of strings those of their numbers; false on overflow or a
/// negative dimension.
bool tensorBytes(nnc_type type, int32_t rank, const int64_t *dims,
                 int64_t &bytes);
/// Bytes of arena for slots and the scratch of all threads; false on overflow.
bool totalBytes(int64_t slotBytes, int64_t scratchBytes, int32_t threads,
                int64_t &total);

/// Sets up a context on checked tables: no threads, no arena yet.
nnc_status makeContext(const nncrt_model *tables, nnc_context **context,
                       nnc_error *error);

/// Makes base and scratch valid for a run. Records its failure in the context.
nnc_status reserveArena(nnc_context &context, int64_t slotBytes,
                        int64_t scratchBytes);

/// Records the first failure of a run; returns `status`.
__attribute__((format(printf, 3, 4))) nnc_status
recordFailure(nnc_context &context, nnc_status status, const char *format, ...);

} // namespace nncrt

struct nnc_model {
  void *handle;                 ///< Of dlopen; NULL for wrapped tables.
  const nncrt_library *library; ///< NULL for wrapped tables.
  const nncrt_model *tables;
  /// If the weights are in a file: the tables with them in place, and what is
  /// mapped.
  nncrt_model complete;
  nncrt::MappedWeights weights;
};

struct nnc_context {
  /// In a context of an opened library, the only other members in use: its
  /// function table and the context of its own runtime.
  const nncrt_library *library = nullptr;
  nnc_context *inner = nullptr;

  const nncrt_model *tables = nullptr;
  /// Without an nnc_model, the same of the context as there.
  nncrt_model complete = {};
  nncrt::MappedWeights weights;
  int32_t threads = 1;
  nnc_executor executor = nullptr;
  void *executorData = nullptr;
  nnc_profile_callback profile = nullptr;
  void *profileData = nullptr;

  void *workspace = nullptr; ///< The caller's; NULL: `arena` is used.
  size_t workspaceBytes = 0;
  nncrt::Block arena;
  nncrt::Block lateScratch;     ///< See nncrt_grow_scratch; kept warm.
  nncrt::Block *pool = nullptr; ///< Shared by the entries, as is `outputs`.
  nncrt::Block *owned = nullptr;
  nncrt::HeapChunk *heap = nullptr; ///< Of sequences and strings.
  int32_t numPool = 0;
  int32_t numOwned = 0;
  nncrt::EntryState *entries = nullptr;
  nncrt::ThreadPool *workers = nullptr;
  nncrt::ThreadChoice *choices = nullptr; ///< Of each kernel; of 2+ threads.
  nncrt::DeviceState *device = nullptr;   ///< Of a model for a GPU.

  nncrt::Atomic<bool> busy;
  /// The first access that a kernel of the run has left out; NULL: none.
  nncrt::Atomic<const char *> outside;

  // The current run.
  const nncrt_entry *entry = nullptr;
  nncrt::EntryState *state = nullptr;
  const nnc_value *inputs = nullptr;
  nnc_value *outputs = nullptr;
  uint8_t *base = nullptr;
  uint8_t *scratch = nullptr;
  int64_t scratchStride = 0;
  int64_t usedBytes = 0;
  nncrt::StringTable *strings = nullptr; ///< NULL: none yet.
  nnc_status status = NNC_OK;
  char message[NNC_MAX_MESSAGE] = {};

  // A query for the workspace; see nncrt_workspace_bytes.
  bool isQuery = false;
  bool isPlaced = false;
  int64_t queryBytes = 0;
  void *zeros = nullptr;

  /// Where pointers to nothing point.
  alignas(NNCRT_ALIGNMENT) uint8_t dummy[NNCRT_ALIGNMENT] = {};
};

#endif // NNC_LIB_RUNTIME_INTERNAL_H
