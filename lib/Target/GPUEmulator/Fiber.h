//===----------------------------------------------------------------------===//
// Stacks that a processor's thread switches between.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPUEMULATOR_FIBER_H
#define NNC_LIB_TARGET_GPUEMULATOR_FIBER_H

#include <cstddef>
#include <cstdint>

namespace nncgpu {

/// A stack with a page behind it that can't be written. Its function must not
/// return; it may be started again at any time, which forgets what it did.
class Fiber {
public:
  /// Bytes of a stack; only those that are touched take memory.
  static constexpr size_t stackBytes = size_t(256) << 10;

  Fiber();
  ~Fiber();
  Fiber(const Fiber &) = delete;
  Fiber &operator=(const Fiber &) = delete;

  /// False if there was no memory for the stack.
  bool isValid() const { return base != nullptr; }
  /// The next `enter` calls `function` on an empty stack.
  void start(void (*function)());
  /// Runs the fiber until it leaves.
  void enter();
  /// Goes back to where the fiber was entered; returns when it is entered
  /// again.
  void leave();
  bool holds(const void *address) const {
    return address >= base && address < base + stackBytes;
  }

private:
  char *base = nullptr;
  void *inside = nullptr;
  void *outside = nullptr;
};

} // namespace nncgpu

#endif // NNC_LIB_TARGET_GPUEMULATOR_FIBER_H
