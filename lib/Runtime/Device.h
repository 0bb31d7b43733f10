//===----------------------------------------------------------------------===//
// What a context has on a GPU: code and weights, which contexts of a model
// share, and memory of its own.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_RUNTIME_DEVICE_H
#define NNC_LIB_RUNTIME_DEVICE_H

#include "lib/Runtime/Cuda.h"

namespace nncrt {

/// Memory of a GPU that grows and is kept.
struct DeviceBlock {
  cuda::Pointer data = 0;
  size_t bytes = 0;
  /// Of an output: what to copy to the host at the end of a run; -1: nothing.
  int64_t pending = -1;
};

/// The launches of an entry point as the driver repeats them. What the entry
/// needs is fixed, so that they are the same in every run.
struct DeviceGraph {
  enum State { unknown, possible, ready, impossible };
  State state = unknown;
  cuda::GraphRun run = nullptr;
  /// Of the memory that the launches know the addresses of.
  uint64_t generation = 0;
};

/// Code and weights of a model on a GPU, made by its first context.
struct DeviceModel {
  const nncrt_model *tables;
  int32_t users;
  cuda::Driver driver;
  cuda::Context context;
  cuda::Module module;
  cuda::Function *phases; ///< As nncrt_device::phases.
  int32_t *firstPhase;    ///< Of each kernel.
  cuda::Pointer weights;
  DeviceModel *next;
};

struct DeviceState {
  DeviceModel *model = nullptr;
  cuda::Stream stream = nullptr;
  DeviceBlock arena, scratch;
  DeviceBlock *inputs = nullptr, *outputs = nullptr, *pool = nullptr;
  int32_t numInputs = 0, numOutputs = 0, numPool = 0;
  /// Copies of what the host has made, until the next run.
  DeviceBlock *copies = nullptr;
  int32_t numCopies = 0, maxCopies = 0;
  DeviceGraph *graphs = nullptr; ///< Of each entry.
  uint64_t generation = 0;       ///< Raised when a block moves.
  bool isCapturing = false;
  /// The host function of this run looks at data, so it may do something else
  /// in another run.
  bool dependsOnData = false;

  const cuda::Driver &driver() const { return model->driver; }
};

/// Has this machine a GPU that the model runs on? NNC_NO_DEVICE if not.
nnc_status checkDevice(const nncrt_model *tables, nnc_error *error);

/// The model of `tables` on the GPU for one more user, its GPU's context
/// current.
nnc_status acquireDeviceModel(const nncrt_model *tables, DeviceModel *&model,
                              nnc_error *error);
void releaseDeviceModel(DeviceModel *model);

/// What a context of a model for a GPU needs; it is closed by closeDevice even
/// if this fails.
nnc_status openDevice(nnc_context &context, nnc_error *error);
void closeDevice(nnc_context &context);

/// Make the GPU's context that of this thread, at the beginning of a run, and
/// the former one again.
nnc_status enterDevice(nnc_context &context);
void leaveDevice(nnc_context &context);

/// What nncrt_input, nncrt_output, ... return; failures are recorded.
void *deviceInput(nnc_context &context, int32_t index);
void *deviceOutput(nnc_context &context, int32_t index, int64_t bytes);
void *devicePool(nnc_context &context, int32_t slot, int64_t bytes);
nnc_status reserveDeviceArena(nnc_context &context, int64_t slotBytes);
/// Copies all outputs to where the host wants them, and waits.
nnc_status finishOutputs(nnc_context &context);
/// Starts the phases of kernel `index`; `wait`s for them.
void launchPhases(nnc_context &context, int32_t index, const int64_t *args,
                  const int64_t *units, bool wait);
/// Calls the host function of the current entry, or repeats its launches, with
/// all memory reserved.
int32_t runOnDevice(nnc_context &context);
void destroyGraph(DeviceState &device, DeviceGraph &graph);
/// Bytes of GPU memory that the context holds.
size_t deviceBytes(const DeviceState &device);

} // namespace nncrt

#endif // NNC_LIB_RUNTIME_DEVICE_H
