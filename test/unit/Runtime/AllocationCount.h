//===----------------------------------------------------------------------===//
// Counts the allocations of the program.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TEST_UNIT_RUNTIME_ALLOCATIONCOUNT_H
#define NNC_TEST_UNIT_RUNTIME_ALLOCATIONCOUNT_H

#include <cstdint>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define NNC_TEST_OWN_ALLOCATOR 1
#endif
#endif

/// Calls of malloc, calloc, realloc and posix_memalign so far; always 0 where a
/// sanitizer owns the allocator (NNC_TEST_OWN_ALLOCATOR).
int64_t allocationCount();

/// Makes allocations of more than `bytes` fail; 0: none.
void failAllocationsAbove(int64_t bytes);

#endif // NNC_TEST_UNIT_RUNTIME_ALLOCATIONCOUNT_H
