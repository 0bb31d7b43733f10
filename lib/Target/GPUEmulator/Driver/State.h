//===----------------------------------------------------------------------===//
// What the fake driver knows: one device, one context, streams of work.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPUEMULATOR_DRIVER_STATE_H
#define NNC_LIB_TARGET_GPUEMULATOR_DRIVER_STATE_H

#include "lib/Target/GPUEmulator/Driver/Api.h"
#include "nnc/Target/GPUEmulator/Emulator.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>

namespace nncgpu::driver {

struct Stream;

/// CUfunction.
struct Function {
  const Kernel *kernel;
  unsigned maxDynamicShared;
  bool hasNonPortableClusters = false;
};

/// CUmodule.
struct Module {
  std::unique_ptr<KernelModule> code;
  std::map<std::string, std::unique_ptr<Function>> functions;
};

/// A piece of work, done when its stream is waited for.
using Work = std::function<Result()>;

/// CUgraph and CUgraphExec: work in an order that dependencies allow.
struct Graph {
  std::vector<Work> nodes;
  /// Streams that record into it, the first of which began.
  std::set<Stream *> streams;
  bool isInvalid = false;
};

/// CUstream. Work is done as late as possible, so that a program that does not
/// wait for it sees its absence.
struct Stream {
  bool isBlocking = true;
  std::deque<Work> work;
  /// Pieces ever added and done.
  uint64_t added = 0, done = 0;
  bool isRunning = false;
  std::shared_ptr<Graph> capture;
};

/// CUevent: a place in a stream.
struct Event {
  Stream *stream = nullptr;
  uint64_t place = 0;
  std::shared_ptr<Graph> capture;
  double seconds = 0;
};

struct Settings {
  DeviceLimits limits;
  LaunchOptions launch;
  /// Work is done at once.
  bool isEager = false;
  /// Each launch is printed, with its counters if they are counted.
  bool traces = false;
};

/// Reads NNC_GPUEMU: "device=sm_80,seed=1,lazy,count,workers=2,memory=BYTES,
/// eager,trace"; false, and a message on stderr, for anything else.
bool readSettings(Settings &settings);

/// All of it, behind one lock that every function of the interface takes.
struct State {
  std::recursive_mutex mutex;
  bool isInitialized = false;
  unsigned contextReferences = 0;
  Settings settings;
  DeviceMemory memory;
  /// Host memory that the device may read at any time: begin and bytes.
  std::map<uint64_t, uint64_t> pinned;
  std::map<uint64_t, void *> pinnedOwned;
  Stream nullStream;
  std::set<std::unique_ptr<Stream>> streams;
  std::set<std::unique_ptr<Module>> modules;
  std::set<Event *> events;
  /// After an error of the device, every call fails with it.
  Result failure = Success;

  static State &get();

  Stream &stream(void *handle);
  bool isPinned(const void *host, size_t bytes) const;
  /// Adds work to a stream, or to the graph that it records.
  Result enqueue(Stream &stream, Work work);
  /// Does the work of a stream up to its `place`-th piece, or all of it.
  Result drain(Stream &stream, uint64_t place = ~uint64_t(0));
  Result drainAll();
};

/// Says on stderr why a call is refused.
Result refuse(const char *call, Result result, const llvm::Twine &reason);

/// Begins a call: takes the lock, and fails if the driver is not usable.
class Call {
public:
  explicit Call(const char *name);
  /// What to return at once, or Success.
  Result status() const { return result; }
  State &state() { return shared; }
  Result refuse(Result code, const llvm::Twine &reason) const {
    return driver::refuse(name, code, reason);
  }

private:
  const char *name;
  State &shared;
  std::lock_guard<std::recursive_mutex> lock;
  Result result;
};

/// The bytes of a bitcode image, whose size nobody passes on; 0 if it is none.
size_t findImageBytes(const void *image);

} // namespace nncgpu::driver

#endif // NNC_LIB_TARGET_GPUEMULATOR_DRIVER_STATE_H
