//===----------------------------------------------------------------------===//
// Sorting in place without the C++ library, whose templates would be exported
// from a compiled model.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_MEMORY_HEAPSORT_H
#define NNC_LIB_MEMORY_HEAPSORT_H

#include <stddef.h>

namespace nncmem {

/// Sorts ascending by `less`, a strict weak order; not stable. O(n log n), no
/// memory.
template <typename T, typename Less>
void heapSort(T *items, size_t count, Less less) {
  auto sink = [&](size_t root, size_t end) {
    T item = items[root];
    for (size_t child; (child = 2 * root + 1) < end; root = child) {
      if (child + 1 < end && less(items[child], items[child + 1]))
        ++child;
      if (!less(item, items[child]))
        break;
      items[root] = items[child];
    }
    items[root] = item;
  };
  for (size_t root = count / 2; root-- > 0;)
    sink(root, count);
  for (size_t end = count; end > 1;) {
    --end;
    T largest = items[0];
    items[0] = items[end];
    items[end] = largest;
    sink(0, end);
  }
}

} // namespace nncmem

#endif // NNC_LIB_MEMORY_HEAPSORT_H
