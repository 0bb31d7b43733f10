//===----------------------------------------------------------------------===//
// What becomes of a module for nvptx64.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPUEMULATOR_MODULE_H
#define NNC_LIB_TARGET_GPUEMULATOR_MODULE_H

#include "lib/Target/GPUEmulator/Site.h"
#include "nnc/Target/GPUEmulator/Emulator.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

#include <deque>

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace nncgpu {

struct ModuleState {
  std::vector<Kernel> kernels;
  std::vector<KernelModule::Variable> variables;
  /// Addresses of sites are in the code.
  std::deque<Site> sites;
  std::unique_ptr<llvm::orc::LLJIT> jit;

  ModuleState();
  ~ModuleState();
  Site &addSite(const llvm::Instruction &instruction, std::string name);
};

/// The symbol that calls a kernel with pointers to its arguments.
std::string entryName(llvm::StringRef kernel);

/// Turns a module for nvptx64 into one for the host that calls the emulator,
/// and lists its kernels, global variables (without addresses) and sites.
llvm::Error rewriteModule(llvm::Module &module, const llvm::Triple &triple,
                          const llvm::DataLayout &layout, ModuleState &state);

/// Calls of handlers within one function.
class SlotCalls {
public:
  explicit SlotCalls(llvm::Function &function) : function(function) {}

  /// A value as a slot, and back.
  static llvm::Value *toSlot(llvm::IRBuilder<> &builder, llvm::Value *value);
  static llvm::Value *fromSlot(llvm::IRBuilder<> &builder, llvm::Value *slot,
                               llvm::Type *type);
  /// Calls the site's handler; returns `results` slots.
  llvm::SmallVector<llvm::Value *> call(llvm::IRBuilder<> &builder,
                                        const Site &site,
                                        llvm::ArrayRef<llvm::Value *> args,
                                        unsigned results);
  /// An i64 in the frame.
  llvm::AllocaInst *makeVariable();

private:
  llvm::AllocaInst *getBuffer(llvm::AllocaInst *&buffer, unsigned slots);

  llvm::Function &function;
  llvm::AllocaInst *argBuffer = nullptr, *resultBuffer = nullptr;
};

/// A host address as a constant.
llvm::Constant *hostPointer(llvm::LLVMContext &context, const void *address);

/// Replaces inline assembly. Returns what it does not know, or nothing.
std::optional<std::string>
rewriteAssembly(llvm::CallInst &call, SlotCalls &slots, ModuleState &state);

/// The value of a mathematical intrinsic as instructions that any target has;
/// null for others. `opcode` is what follows "llvm.nvvm.".
llvm::Value *expandMath(llvm::IRBuilder<> &builder, llvm::StringRef opcode,
                        llvm::ArrayRef<llvm::Value *> operands);

/// Gives each variable in shared memory its place. Kernels that share no
/// function that uses a variable may have theirs at the same offset.
struct SharedLayout {
  llvm::DenseMap<llvm::GlobalVariable *, uint64_t> offsets;
  llvm::SmallVector<llvm::GlobalVariable *> dynamic;
  /// Bytes of the static part of a kernel, up to where the dynamic one begins.
  llvm::DenseMap<llvm::Function *, uint64_t> staticBytes;
};
SharedLayout layOutShared(llvm::Module &module);

} // namespace nncgpu

#endif // NNC_LIB_TARGET_GPUEMULATOR_MODULE_H
