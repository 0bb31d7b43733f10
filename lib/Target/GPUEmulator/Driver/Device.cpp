//===----------------------------------------------------------------------===//
// The device, the context, and the names of errors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Driver/State.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace nncgpu;
using namespace nncgpu::driver;

State &State::get() {
  // Never destroyed: programs call the driver until they end.
  static State *instance = new State;
  return *instance;
}

Result driver::refuse(const char *call, Result result,
                      const llvm::Twine &reason) {
  llvm::errs() << "nnc fake driver: " << call << ": " << reason << "\n";
  return result;
}

Call::Call(const char *name)
    : name(name), shared(State::get()), lock(shared.mutex),
      result(!shared.isInitialized ? NotInitialized : shared.failure) {}

static bool readSetting(llvm::StringRef text, Settings &settings) {
  auto [key, value] = text.split('=');
  LaunchOptions &launch = settings.launch;
  if (key == "device") {
    auto limits = DeviceLimits::get(value);
    if (limits)
      settings.limits = *limits;
    return limits.has_value();
  }
  if (key == "seed")
    return !value.getAsInteger(10, launch.seed);
  if (key == "workers")
    return !value.getAsInteger(10, launch.workers);
  if (key == "memory")
    return !value.getAsInteger(10, settings.limits.globalMemory);
  bool *flag = llvm::StringSwitch<bool *>(text)
                   .Case("lazy", &launch.lazyCopies)
                   .Case("count", &launch.count)
                   .Case("eager", &settings.isEager)
                   .Case("trace", &settings.traces)
                   .Default(nullptr);
  if (flag)
    *flag = true;
  return flag != nullptr;
}

bool driver::readSettings(Settings &settings) {
  const char *text = std::getenv("NNC_GPUEMU");
  llvm::SmallVector<llvm::StringRef> parts;
  llvm::StringRef(text ? text : "").split(parts, ',', -1, false);
  // The device comes first: it sets what others change.
  std::partition(parts.begin(), parts.end(), [](llvm::StringRef part) {
    return part.starts_with("device=");
  });
  for (llvm::StringRef part : parts)
    if (!readSetting(part, settings)) {
      refuse("NNC_GPUEMU", InvalidValue,
             "expected device=sm_80|sm_90|sm_90a|sm_120, seed=N, workers=N, "
             "memory=BYTES, lazy, count, eager or trace, found '" +
                 part + "'");
      return false;
    }
  return true;
}

NNC_CU_EXPORT cuInit(unsigned) {
  State &state = State::get();
  std::lock_guard<std::recursive_mutex> lock(state.mutex);
  if (!state.isInitialized)
    state.isInitialized = readSettings(state.settings);
  return state.isInitialized ? Success : InvalidValue;
}

NNC_CU_EXPORT cuDriverGetVersion(int *version) {
  // CUDA 12.8, the first with all that is exported here.
  *version = 12080;
  return Success;
}

NNC_CU_EXPORT cuDeviceGetCount(int *count) {
  Call call("cuDeviceGetCount");
  *count = 1;
  return call.status();
}

NNC_CU_EXPORT cuDeviceGet(Device *device, int ordinal) {
  Call call("cuDeviceGet");
  *device = 0;
  return call.status() ? call.status() : ordinal ? InvalidDevice : Success;
}

NNC_CU_EXPORT cuDeviceGetName(char *name, int bytes, Device) {
  Call call("cuDeviceGetName");
  if (bytes <= 0)
    return InvalidValue;
  unsigned capability = call.state().settings.limits.computeCapability;
  std::string text = "emulated GPU of compute capability " +
                     std::to_string(capability / 10) + "." +
                     std::to_string(capability % 10);
  std::strncpy(name, text.c_str(), size_t(bytes) - 1);
  name[bytes - 1] = 0;
  return call.status();
}

NNC_CU_EXPORT cuDeviceTotalMem_v2(size_t *bytes, Device) {
  Call call("cuDeviceTotalMem");
  *bytes = call.state().settings.limits.globalMemory;
  return call.status();
}

/// The value of a CU_DEVICE_ATTRIBUTE_*; nothing for one that nobody asked for
/// yet.
static std::optional<int> deviceAttribute(int attribute,
                                          const DeviceLimits &limits) {
  switch (attribute) {
  case 1: // MAX_THREADS_PER_BLOCK
  case 2: // MAX_BLOCK_DIM_X
  case 3: // MAX_BLOCK_DIM_Y
    return limits.threadsPerBlock;
  case 4: // MAX_BLOCK_DIM_Z
    return 64;
  case 5: // MAX_GRID_DIM_X
    return 0x7fffffff;
  case 6: // MAX_GRID_DIM_Y
  case 7: // MAX_GRID_DIM_Z
    return 65535;
  case 8: // MAX_SHARED_MEMORY_PER_BLOCK
    return limits.sharedPerBlock;
  case 9: // TOTAL_CONSTANT_MEMORY
    return 65536;
  case 10: // WARP_SIZE
    return 32;
  case 12: // MAX_REGISTERS_PER_BLOCK
  case 82: // MAX_REGISTERS_PER_MULTIPROCESSOR
    return 65536;
  case 16: // MULTIPROCESSOR_COUNT
    return limits.multiprocessors;
  case 39: // MAX_THREADS_PER_MULTIPROCESSOR
    return limits.computeCapability >= 120 ? 1536 : 2048;
  case 41:  // UNIFIED_ADDRESSING
  case 78:  // STREAM_PRIORITIES_SUPPORTED
  case 95:  // COOPERATIVE_LAUNCH
  case 115: // MEMORY_POOLS_SUPPORTED
    return 1;
  case 75: // COMPUTE_CAPABILITY_MAJOR
    return limits.computeCapability / 10;
  case 76: // COMPUTE_CAPABILITY_MINOR
    return limits.computeCapability % 10;
  case 81: // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
    return limits.sharedPerMultiprocessor;
  case 97: // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
    return limits.sharedPerBlockOptIn;
  case 106: // MAX_BLOCKS_PER_MULTIPROCESSOR
    return limits.computeCapability >= 120 ? 24 : 32;
  case 111: // RESERVED_SHARED_MEMORY_PER_BLOCK
    return 1024;
  case 120: // CLUSTER_LAUNCH
  case 127: // TENSOR_MAP_ACCESS_SUPPORTED
    return limits.computeCapability >= 90;
  default:
    return std::nullopt;
  }
}

NNC_CU_EXPORT cuDeviceGetAttribute(int *value, int attribute, Device) {
  Call call("cuDeviceGetAttribute");
  if (call.status())
    return call.status();
  auto known = deviceAttribute(attribute, call.state().settings.limits);
  if (!known)
    return call.refuse(InvalidValue, "the emulated device has no attribute " +
                                         llvm::Twine(attribute));
  *value = *known;
  return Success;
}

NNC_CU_EXPORT cuDevicePrimaryCtxRetain(void **context, Device) {
  Call call("cuDevicePrimaryCtxRetain");
  ++call.state().contextReferences;
  *context = &call.state();
  return call.status();
}

NNC_CU_EXPORT cuDevicePrimaryCtxRelease_v2(Device) {
  Call call("cuDevicePrimaryCtxRelease");
  if (!call.state().contextReferences)
    return call.refuse(InvalidContext, "the context is not retained");
  --call.state().contextReferences;
  return Success;
}

/// The contexts that are current in this thread.
static thread_local unsigned pushedContexts = 0;

NNC_CU_EXPORT cuCtxPushCurrent_v2(void *context) {
  Call call("cuCtxPushCurrent");
  if (context != &call.state())
    return InvalidContext;
  ++pushedContexts;
  return Success;
}

NNC_CU_EXPORT cuCtxPopCurrent_v2(void **context) {
  Call call("cuCtxPopCurrent");
  if (!pushedContexts)
    return call.refuse(InvalidContext, "no context is current");
  --pushedContexts;
  if (context)
    *context = &call.state();
  return Success;
}

NNC_CU_EXPORT cuCtxSetCurrent(void *context) {
  Call call("cuCtxSetCurrent");
  if (context && context != &call.state())
    return InvalidContext;
  pushedContexts = context ? std::max(pushedContexts, 1u) : 0;
  return Success;
}

NNC_CU_EXPORT cuCtxGetCurrent(void **context) {
  Call call("cuCtxGetCurrent");
  *context = pushedContexts ? &call.state() : nullptr;
  return Success;
}

NNC_CU_EXPORT cuCtxSynchronize() {
  Call call("cuCtxSynchronize");
  return call.status() ? call.status() : call.state().drainAll();
}

/// Name and description of a result; null for one that is never returned.
static std::pair<const char *, const char *> describe(Result result) {
  switch (result) {
  case Success:
    return {"CUDA_SUCCESS", "no error"};
  case InvalidValue:
    return {"CUDA_ERROR_INVALID_VALUE", "invalid argument"};
  case OutOfMemory:
    return {"CUDA_ERROR_OUT_OF_MEMORY", "out of memory"};
  case NotInitialized:
    return {"CUDA_ERROR_NOT_INITIALIZED", "initialization error"};
  case InvalidDevice:
    return {"CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"};
  case InvalidContext:
    return {"CUDA_ERROR_INVALID_CONTEXT", "invalid device context"};
  case NoBinaryForGpu:
    return {"CUDA_ERROR_NO_BINARY_FOR_GPU",
            "no kernel image is available for execution on the device"};
  case InvalidHandle:
    return {"CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"};
  case NotFound:
    return {"CUDA_ERROR_NOT_FOUND", "named symbol not found"};
  case NotReady:
    return {"CUDA_ERROR_NOT_READY", "device not ready"};
  case IllegalAddress:
    return {"CUDA_ERROR_ILLEGAL_ADDRESS",
            "an illegal memory access was encountered"};
  case LaunchOutOfResources:
    return {"CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES",
            "too many resources requested for launch"};
  case LaunchTimeout:
    return {"CUDA_ERROR_LAUNCH_TIMEOUT",
            "the launch timed out and was terminated"};
  case MisalignedAddress:
    return {"CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"};
  case LaunchFailed:
    return {"CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"};
  case NotSupported:
    return {"CUDA_ERROR_NOT_SUPPORTED", "operation not supported"};
  case CaptureUnsupported:
    return {"CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED",
            "operation not permitted when stream is capturing"};
  case CaptureInvalidated:
    return {"CUDA_ERROR_STREAM_CAPTURE_INVALIDATED",
            "operation failed due to a previous error during capture"};
  }
  return {nullptr, nullptr};
}

NNC_CU_EXPORT cuGetErrorName(Result result, const char **name) {
  *name = describe(result).first;
  return *name ? Success : InvalidValue;
}

NNC_CU_EXPORT cuGetErrorString(Result result, const char **text) {
  *text = describe(result).second;
  return *text ? Success : InvalidValue;
}
