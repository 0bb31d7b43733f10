//===----------------------------------------------------------------------===//
// Wraps the allocator of glibc.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "AllocationCount.h"

#include <atomic>
#include <cerrno>
#include <cstddef>

static std::atomic<int64_t> count{0}, limit{0};

int64_t allocationCount() { return count.load(); }
void failAllocationsAbove(int64_t bytes) { limit.store(bytes); }

#ifndef NNC_TEST_OWN_ALLOCATOR
static bool refuse(size_t bytes) {
  ++count;
  int64_t most = limit.load();
  return most > 0 && bytes > static_cast<size_t>(most);
}

extern "C" {
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t bytes) {
  return refuse(bytes) ? nullptr : __libc_malloc(bytes);
}
void *calloc(size_t items, size_t bytes) {
  return refuse(items * bytes) ? nullptr : __libc_calloc(items, bytes);
}
void *realloc(void *data, size_t bytes) {
  return refuse(bytes) ? nullptr : __libc_realloc(data, bytes);
}
int posix_memalign(void **result, size_t alignment, size_t bytes) {
  void *data = refuse(bytes) ? nullptr : __libc_memalign(alignment, bytes);
  if (!data)
    return ENOMEM;
  *result = data;
  return 0;
}
}
#else
// As glibc's: too much gives NULL. The sanitizers' default is to stop.
extern "C" const char *__asan_default_options();
extern "C" const char *__asan_default_options() {
  return "allocator_may_return_null=1";
}
extern "C" const char *__tsan_default_options();
extern "C" const char *__tsan_default_options() {
  return "allocator_may_return_null=1";
}
#endif
