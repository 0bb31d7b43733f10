//===----------------------------------------------------------------------===//
// Finds the driver of NVIDIA's GPUs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Cuda.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

using namespace nncrt;
using namespace nncrt::cuda;

ResultText::ResultText(const Driver &driver, Result result) {
  const char *name = nullptr, *words = nullptr;
  if (driver.errorName(result, &name) != 0 || !name)
    name = "an unknown error";
  if (driver.errorText(result, &words) != 0)
    words = nullptr;
  snprintf(text, sizeof text, words ? "%s (%s)" : "%s", name, words);
}

/// The library's functions; false and a report if one is missing.
static nnc_status findFunctions(void *library, const char *path, Driver &driver,
                                nnc_error *error) {
  struct Entry {
    const char *name;
    void *place; ///< Of a pointer to a function.
  };
#define NNC_CUDA_ENTRY(member, name, parameters) {name, &driver.member},
  const Entry entries[] = {NNC_CUDA_FUNCTIONS(NNC_CUDA_ENTRY)};
#undef NNC_CUDA_ENTRY
  for (const Entry &entry : entries) {
    void *function = dlsym(library, entry.name);
    if (!function)
      return report(error, NNC_NO_DEVICE,
                    "the driver '%s' has no function '%s'; install a newer one",
                    path, entry.name);
    __builtin_memcpy(entry.place, &function, sizeof function);
  }
  return NNC_OK;
}

/// What the driver says of its first GPU.
static Result describeDevice(Driver &driver) {
  int major = 0, minor = 0, pools = 0;
  auto ask = [&](int attribute, int &answer) {
    return driver.deviceGetAttribute(&answer, attribute, driver.device);
  };
  if (Result result = driver.init(0))
    return result;
  if (Result result = driver.deviceGet(&driver.device, 0))
    return result;
  if (Result result = ask(attributeMajor, major))
    return result;
  if (Result result = ask(attributeMinor, minor))
    return result;
  if (Result result = ask(attributeMultiprocessors, driver.multiprocessors))
    return result;
  driver.capability = 10 * major + minor;
  // An older driver does not know the attribute.
  driver.hasPools = ask(attributeMemoryPools, pools) == 0 && pools != 0;
  return 0;
}

nnc_status cuda::openDriver(Driver &driver, nnc_error *error) {
  const char *path = getenv("NNC_CUDA_DRIVER");
  if (!path || !*path)
    path = "libcuda.so.1";
  // A driver that has been started can't be unloaded.
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) {
    const char *reason = dlerror();
    return report(error, NNC_NO_DEVICE,
                  "no driver of an NVIDIA GPU: %s; install it, or compile the "
                  "model with --fallback=cpu",
                  reason ? reason : path);
  }
  if (nnc_status status = findFunctions(library, path, driver, error))
    return status;
  if (Result result = describeDevice(driver))
    return report(error, NNC_NO_DEVICE, "the driver '%s' has no GPU: %s", path,
                  ResultText(driver, result).text);
  return NNC_OK;
}
