//===----------------------------------------------------------------------===//
// Memory of the device, pinned memory of the host, and copies.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Driver/State.h"

#include <cstdlib>
#include <cstring>

using namespace nncgpu;
using namespace nncgpu::driver;

template <typename T>
static T *at(DevicePointer address) {
  return reinterpret_cast<T *>(address);
}

bool State::isPinned(const void *host, size_t bytes) const {
  auto begin = reinterpret_cast<uint64_t>(host);
  auto it = pinned.upper_bound(begin);
  return it != pinned.begin() &&
         begin + bytes <= std::prev(it)->first + std::prev(it)->second;
}

/// Fails unless `bytes` bytes at `address` are of one block. `whenDone` is for
/// work that the call has only announced: memory may have been freed since.
static Result checkRange(const char *name, State &state, DevicePointer address,
                         size_t bytes, bool whenDone = false) {
  if (!bytes || state.memory.contains(address, bytes))
    return Success;
  return refuse(name, whenDone ? IllegalAddress : InvalidValue,
                llvm::Twine(bytes) + " bytes of device memory " +
                    state.memory.describe(address));
}

NNC_CU_EXPORT cuMemAlloc_v2(DevicePointer *address, size_t bytes) {
  Call call("cuMemAlloc");
  if (call.status())
    return call.status();
  if (!bytes)
    return InvalidValue;
  State &state = call.state();
  uint64_t limit = state.settings.limits.globalMemory;
  if (bytes > limit || state.memory.used() > limit - bytes)
    return OutOfMemory;
  *address = state.memory.allocate(bytes);
  return *address ? Success : OutOfMemory;
}

NNC_CU_EXPORT cuMemFree_v2(DevicePointer address) {
  Call call("cuMemFree");
  if (!address)
    return Success;
  // Waits for the device; memory can be given back after a failure as well.
  Result result = call.state().drainAll();
  if (!call.state().memory.free(address))
    return call.refuse(InvalidValue, "no memory begins at this address");
  return result;
}

NNC_CU_EXPORT cuMemAllocAsync(DevicePointer *address, size_t bytes, void *) {
  return cuMemAlloc_v2(address, bytes);
}

NNC_CU_EXPORT cuMemFreeAsync(DevicePointer address, void *stream) {
  Call call("cuMemFreeAsync");
  if (call.status())
    return call.status();
  State &state = call.state();
  if (!state.memory.find(address))
    return call.refuse(InvalidValue, "no memory begins at this address");
  return state.enqueue(state.stream(stream), [&state, address] {
    return state.memory.free(address) ? Success : InvalidValue;
  });
}

NNC_CU_EXPORT cuMemGetInfo_v2(size_t *free, size_t *total) {
  Call call("cuMemGetInfo");
  *total = call.state().settings.limits.globalMemory;
  *free = *total - call.state().memory.used();
  return call.status();
}

NNC_CU_EXPORT cuMemHostAlloc(void **host, size_t bytes, unsigned) {
  Call call("cuMemHostAlloc");
  if (call.status())
    return call.status();
  *host =
      bytes ? std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096) : nullptr;
  if (!*host)
    return bytes ? OutOfMemory : InvalidValue;
  auto begin = reinterpret_cast<uint64_t>(*host);
  call.state().pinned[begin] = bytes;
  call.state().pinnedOwned[begin] = *host;
  call.state().memory.lend(begin, bytes);
  return Success;
}

NNC_CU_EXPORT cuMemAllocHost_v2(void **host, size_t bytes) {
  return cuMemHostAlloc(host, bytes, 0);
}

NNC_CU_EXPORT cuMemFreeHost(void *host) {
  Call call("cuMemFreeHost");
  State &state = call.state();
  Result result = state.drainAll();
  auto it = state.pinnedOwned.find(reinterpret_cast<uint64_t>(host));
  if (it == state.pinnedOwned.end())
    return call.refuse(InvalidValue, "no pinned memory begins at this address");
  state.memory.free(it->first);
  state.pinned.erase(it->first);
  std::free(it->second);
  state.pinnedOwned.erase(it);
  return result;
}

NNC_CU_EXPORT cuMemHostRegister_v2(void *host, size_t bytes, unsigned) {
  Call call("cuMemHostRegister");
  if (call.status())
    return call.status();
  auto begin = reinterpret_cast<uint64_t>(host);
  call.state().pinned[begin] = bytes;
  call.state().memory.lend(begin, bytes);
  return Success;
}

NNC_CU_EXPORT cuMemHostUnregister(void *host) {
  Call call("cuMemHostUnregister");
  State &state = call.state();
  Result result = state.drainAll();
  auto begin = reinterpret_cast<uint64_t>(host);
  if (!state.pinned.erase(begin))
    return call.refuse(InvalidValue, "the memory is not registered");
  state.memory.free(begin);
  return result;
}

NNC_CU_EXPORT cuPointerGetAttribute(void *value, int attribute,
                                    DevicePointer address) {
  // CU_POINTER_ATTRIBUTE_MEMORY_TYPE, CU_MEMORYTYPE_HOST and ..._DEVICE.
  constexpr int memoryType = 2;
  constexpr unsigned ofHost = 1, ofDevice = 2;
  Call call("cuPointerGetAttribute");
  if (call.status())
    return call.status();
  State &state = call.state();
  if (attribute != memoryType)
    return call.refuse(InvalidValue, "only the type of memory is known");
  // No misuse: it is how a caller asks.
  if (!state.memory.contains(address, 1))
    return InvalidValue;
  *static_cast<unsigned *>(value) =
      state.isPinned(at<void>(address), 1) ? ofHost : ofDevice;
  return Success;
}

NNC_CU_EXPORT cuMemcpyHtoDAsync_v2(DevicePointer to, const void *from,
                                   size_t bytes, void *handle) {
  Call call("cuMemcpyHtoDAsync");
  if (call.status())
    return call.status();
  State &state = call.state();
  if (Result bad = checkRange("cuMemcpyHtoDAsync", state, to, bytes))
    return bad;
  Stream &stream = state.stream(handle);
  // Ordinary memory is read before the call returns, unless a graph records it.
  std::shared_ptr<std::vector<uint8_t>> staged;
  if (!stream.capture && !state.isPinned(from, bytes)) {
    auto *source = static_cast<const uint8_t *>(from);
    staged = std::make_shared<std::vector<uint8_t>>(source, source + bytes);
  }
  return state.enqueue(stream, [&state, to, from, bytes, staged] {
    if (Result bad = checkRange("cuMemcpyHtoDAsync", state, to, bytes, true))
      return bad;
    std::memcpy(at<void>(to), staged ? staged->data() : from, bytes);
    return Success;
  });
}

NNC_CU_EXPORT cuMemcpyDtoHAsync_v2(void *to, DevicePointer from, size_t bytes,
                                   void *handle) {
  Call call("cuMemcpyDtoHAsync");
  if (call.status())
    return call.status();
  State &state = call.state();
  if (Result bad = checkRange("cuMemcpyDtoHAsync", state, from, bytes))
    return bad;
  Stream &stream = state.stream(handle);
  Result result = state.enqueue(stream, [&state, to, from, bytes] {
    if (Result bad = checkRange("cuMemcpyDtoHAsync", state, from, bytes, true))
      return bad;
    std::memcpy(to, at<void>(from), bytes);
    return Success;
  });
  // To ordinary memory the call returns when the copy is done.
  if (result || stream.capture || state.isPinned(to, bytes))
    return result;
  return state.drain(stream);
}

NNC_CU_EXPORT cuMemcpyDtoDAsync_v2(DevicePointer to, DevicePointer from,
                                   size_t bytes, void *handle) {
  Call call("cuMemcpyDtoDAsync");
  if (call.status())
    return call.status();
  State &state = call.state();
  for (DevicePointer address : {to, from})
    if (Result bad = checkRange("cuMemcpyDtoDAsync", state, address, bytes))
      return bad;
  return state.enqueue(state.stream(handle), [&state, to, from, bytes] {
    for (DevicePointer address : {to, from})
      if (Result bad =
              checkRange("cuMemcpyDtoDAsync", state, address, bytes, true))
        return bad;
    std::memmove(at<void>(to), at<void>(from), bytes);
    return Success;
  });
}

/// The copies that wait: after the work of the null stream.
static Result finish(Result result) {
  State &state = State::get();
  return result ? result : state.drain(state.nullStream);
}

NNC_CU_EXPORT cuMemcpyHtoD_v2(DevicePointer to, const void *from,
                              size_t bytes) {
  return finish(cuMemcpyHtoDAsync_v2(to, from, bytes, nullptr));
}

NNC_CU_EXPORT cuMemcpyDtoH_v2(void *to, DevicePointer from, size_t bytes) {
  return finish(cuMemcpyDtoHAsync_v2(to, from, bytes, nullptr));
}

NNC_CU_EXPORT cuMemcpyDtoD_v2(DevicePointer to, DevicePointer from,
                              size_t bytes) {
  return finish(cuMemcpyDtoDAsync_v2(to, from, bytes, nullptr));
}

/// Fills `count` elements with a value.
template <typename T>
static Result fill(const char *name, DevicePointer to, T value, size_t count,
                   void *handle) {
  Call call(name);
  if (call.status())
    return call.status();
  State &state = call.state();
  size_t bytes = count * sizeof(T);
  if (Result bad = checkRange(name, state, to, bytes))
    return bad;
  return state.enqueue(state.stream(handle), [=, &state] {
    if (Result bad = checkRange(name, state, to, bytes, true))
      return bad;
    std::fill_n(at<T>(to), count, value);
    return Success;
  });
}

NNC_CU_EXPORT cuMemsetD8Async(DevicePointer to, unsigned char value,
                              size_t count, void *stream) {
  return fill<uint8_t>("cuMemsetD8Async", to, value, count, stream);
}

NNC_CU_EXPORT cuMemsetD32Async(DevicePointer to, unsigned value, size_t count,
                               void *stream) {
  return fill<uint32_t>("cuMemsetD32Async", to, value, count, stream);
}
