//===----------------------------------------------------------------------===//
// Code generation that does not pay for hoisted constants with spilled sums.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_CPU_SPILLCONTROL_H
#define NNC_LIB_TARGET_CPU_SPILLCONTROL_H

#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

namespace mlir::nnc {

/// Writes the machine code of `module`, which it changes, to `os`.
///
/// LLVM hoists the constants of a loop, those of an exponential in an epilogue
/// say, out of all loops around it while registers last, without a look at the
/// loops between: where a register tile fills the registers, its sums are then
/// stored and loaded at each step. Functions with many spills are compiled once
/// more without that hoisting, and stay so if it saves most of their stores.
/// An error if the target does not write this kind of file.
llvm::Error writeMachineCode(llvm::Module &module, llvm::TargetMachine &machine,
                             llvm::CodeGenFileType kind,
                             llvm::raw_pwrite_stream &os);

} // namespace mlir::nnc

#endif // NNC_LIB_TARGET_CPU_SPILLCONTROL_H
