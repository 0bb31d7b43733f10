//===----------------------------------------------------------------------===//
// Atomics without the C++ library, so that no build type leaves a symbol of it
// in a compiled model.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_RUNTIME_ATOMIC_H
#define NNC_LIB_RUNTIME_ATOMIC_H

namespace nncrt {

/// Sequentially consistent unless the name says less.
template <typename T>
class Atomic {
public:
  T load() const { return __atomic_load_n(&value, __ATOMIC_SEQ_CST); }
  T loadAcquire() const { return __atomic_load_n(&value, __ATOMIC_ACQUIRE); }
  void store(T next) { __atomic_store_n(&value, next, __ATOMIC_SEQ_CST); }
  T exchange(T next) {
    return __atomic_exchange_n(&value, next, __ATOMIC_SEQ_CST);
  }
  /// Adds and returns the new value.
  T add(T summand) {
    return __atomic_add_fetch(&value, summand, __ATOMIC_SEQ_CST);
  }

private:
  T value = T();
};

} // namespace nncrt

#endif // NNC_LIB_RUNTIME_ATOMIC_H
