//===----------------------------------------------------------------------===//
// Stacks that a processor's thread switches between. `swapcontext` would do,
// but it asks the kernel for the signal mask each time.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Fiber.h"

#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

using namespace nncgpu;

/// Saves the registers that calls preserve on the running stack, its pointer in
/// `*from`, and goes on with those at `to`.
extern "C" void nncemu_switch_stack(void **from, void *to);

#if defined(__x86_64__)
asm(R"(
.text
.p2align 4
.hidden nncemu_switch_stack
.globl nncemu_switch_stack
.type nncemu_switch_stack, @function
nncemu_switch_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  retq
.size nncemu_switch_stack, .-nncemu_switch_stack
)");
/// Six registers, then where to go; what is called expects the stack as a call
/// leaves it, 8 below a multiple of 16.
static void **firstFrame(char *top, void (*function)()) {
  void **frame = reinterpret_cast<void **>(top - 8) - 7;
  std::memset(frame, 0, 7 * sizeof(void *));
  frame[6] = reinterpret_cast<void *>(function);
  return frame;
}
#elif defined(__aarch64__)
asm(R"(
.text
.p2align 4
.hidden nncemu_switch_stack
.globl nncemu_switch_stack
.type nncemu_switch_stack, %function
nncemu_switch_stack:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size nncemu_switch_stack, .-nncemu_switch_stack
)");
static void **firstFrame(char *top, void (*function)()) {
  void **frame = reinterpret_cast<void **>(top) - 20;
  std::memset(frame, 0, 20 * sizeof(void *));
  frame[11] = reinterpret_cast<void *>(function);
  return frame;
}
#else
#error "the GPU emulator knows x86-64 and AArch64"
#endif

Fiber::Fiber() {
  size_t guard = size_t(sysconf(_SC_PAGESIZE));
  void *memory = mmap(nullptr, stackBytes + guard, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return;
  mprotect(memory, guard, PROT_NONE);
  base = static_cast<char *>(memory) + guard;
}

Fiber::~Fiber() {
  size_t guard = size_t(sysconf(_SC_PAGESIZE));
  if (base)
    munmap(base - guard, stackBytes + guard);
}

void Fiber::start(void (*function)()) {
  inside = firstFrame(base + stackBytes, function);
}

void Fiber::enter() { nncemu_switch_stack(&outside, inside); }
void Fiber::leave() { nncemu_switch_stack(&inside, outside); }
