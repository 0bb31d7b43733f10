//===----------------------------------------------------------------------===//
// Launches that the driver repeats: of an entry whose shapes are fixed and
// whose host function does not look at data, all runs have the same.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Device.h"

using namespace nncrt;

void nncrt::destroyGraph(DeviceState &device, DeviceGraph &graph) {
  if (graph.run)
    device.driver().graphRunDestroy(graph.run);
  graph = DeviceGraph();
}

/// Are inputs and outputs tensors of fixed shapes, and the memory too?
static bool isFixed(const nncrt_entry &entry) {
  auto areFixed = [](const nnc_value_info *infos, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      const nnc_value_info &info = infos[i];
      if (info.kind != NNC_TENSOR || info.optional || info.type == NNC_STRING)
        return false;
      for (int32_t axis = 0; axis < info.rank; ++axis)
        if (info.dims[axis] < 0)
          return false;
    }
    return true;
  };
  const nnc_signature &signature = entry.signature;
  return entry.arena_bytes >= 0 && entry.scratch_bytes >= 0 &&
         entry.num_pool_slots == 0 &&
         areFixed(signature.inputs, signature.num_inputs) &&
         areFixed(signature.outputs, signature.num_outputs);
}

/// What the host function asks for first and last, without launches.
static bool prepareValues(nnc_context &context) {
  const nnc_signature &signature = context.entry->signature;
  for (size_t i = 0; i < signature.num_inputs; ++i)
    if (!nncrt_input(&context, static_cast<int32_t>(i)))
      return false;
  for (size_t i = 0; i < signature.num_outputs; ++i)
    if (!nncrt_output(&context, static_cast<int32_t>(i),
                      signature.outputs[i].dims))
      return false;
  return true;
}

/// Records the launches of the host function. A driver that refuses is no
/// failure: the launches are made one by one then.
static bool capture(nnc_context &context, DeviceGraph &graph) {
  DeviceState &device = *context.device;
  const cuda::Driver &driver = device.driver();
  graph.state = DeviceGraph::impossible;
  uint64_t generation = device.generation;
  if (driver.captureBegin(device.stream, cuda::captureThreadLocal))
    return false;
  device.isCapturing = true;
  int32_t code = context.entry->run(&context);
  device.isCapturing = false;
  cuda::Graph recorded = nullptr;
  cuda::Result result = driver.captureEnd(device.stream, &recorded);
  bool isGood = result == 0 && code == NNC_OK && context.status == NNC_OK &&
                generation == device.generation && recorded;
  if (isGood && driver.graphInstantiate(&graph.run, recorded, 0)) {
    graph.run = nullptr;
    isGood = false;
  }
  if (recorded)
    driver.graphDestroy(recorded);
  // Nothing has run yet, so a failure is forgotten with what was recorded.
  context.status = NNC_OK;
  context.message[0] = '\0';
  if (!isGood)
    return false;
  graph.generation = generation;
  graph.state = DeviceGraph::ready;
  return true;
}

int32_t nncrt::runOnDevice(nnc_context &context) {
  DeviceState &device = *context.device;
  DeviceGraph &graph = device.graphs[context.entry - context.tables->entries];
  // A profile is of single kernels.
  if (context.profile || graph.state == DeviceGraph::impossible)
    return context.entry->run(&context);
  if (graph.state == DeviceGraph::ready &&
      graph.generation != device.generation) {
    destroyGraph(device, graph);
    graph.state = DeviceGraph::possible;
  }
  if (graph.state == DeviceGraph::unknown) {
    device.dependsOnData = false;
    int32_t code = context.entry->run(&context);
    bool isPossible = code == NNC_OK && context.status == NNC_OK &&
                      !device.dependsOnData && isFixed(*context.entry);
    graph.state = isPossible ? DeviceGraph::possible : DeviceGraph::impossible;
    return code;
  }
  if (graph.state == DeviceGraph::possible && !capture(context, graph))
    return context.entry->run(&context);
  if (!prepareValues(context))
    return context.status;
  // A block has moved: the addresses in the graph are not those of this run.
  if (graph.generation != device.generation)
    return context.entry->run(&context);
  if (cuda::Result result =
          device.driver().graphLaunch(graph.run, device.stream))
    return recordFailure(context, NNC_DEVICE_ERROR,
                         "the GPU can't start the kernels: %s",
                         cuda::ResultText(device.driver(), result).text);
  return NNC_OK;
}
