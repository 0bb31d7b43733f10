//===----------------------------------------------------------------------===//
// Code generation that does not pay for hoisted constants with spilled sums.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/CPU/SpillControl.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/OptBisect.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;

namespace {
/// What a function stores to its stack.
struct Spills {
  unsigned number = 0; ///< Instructions.
  double cost = 0;     ///< Times that they run, as LLVM estimates.
};

/// Collects the spills of functions from the remarks of register allocation;
/// other diagnostics go to the handler that was there before.
class SpillRecorder : public DiagnosticHandler {
public:
  SpillRecorder(StringMap<Spills> &spills,
                std::unique_ptr<DiagnosticHandler> next)
      : spills(spills), next(std::move(next)) {}

  bool isMissedOptRemarkEnabled(StringRef pass) const override {
    return isAllocator(pass) || (next && next->isMissedOptRemarkEnabled(pass));
  }
  bool isAnyRemarkEnabled() const override { return true; }
  bool handleDiagnostics(const DiagnosticInfo &info) override;

  std::unique_ptr<DiagnosticHandler> takeNext() { return std::move(next); }

private:
  static bool isAllocator(StringRef pass) { return pass == "regalloc"; }

  StringMap<Spills> &spills;
  std::unique_ptr<DiagnosticHandler> next;
};

/// Keeps constants of some functions in their loops.
class HoistingGate : public OptPassGate {
public:
  explicit HoistingGate(const StringSet<> &functions) : functions(functions) {}

  bool isEnabled() const override { return true; }
  bool shouldRunPass(StringRef pass, StringRef unit) const override {
    if (pass != "early-machinelicm" || !unit.consume_front("function (") ||
        !unit.consume_back(")"))
      return true;
    return !functions.contains(unit);
  }

private:
  const StringSet<> &functions;
};
} // namespace

bool SpillRecorder::handleDiagnostics(const DiagnosticInfo &info) {
  const auto *remark = dyn_cast<DiagnosticInfoOptimizationBase>(&info);
  if (!remark || !isAllocator(remark->getPassName()))
    return next && next->handleDiagnostics(info);
  if (remark->getRemarkName() != "SpillReloadCopies")
    return true; // of one loop
  Spills &found = spills[remark->getFunction().getName()];
  for (const DiagnosticInfoOptimizationBase::Argument &arg :
       remark->getArgs()) {
    StringRef text = arg.Val;
    if (arg.Key == "NumSpills")
      text.getAsInteger(10, found.number);
    else if (arg.Key == "TotalSpillsCost")
      text.getAsDouble(found.cost);
  }
  return true;
}

static Error emit(Module &module, TargetMachine &machine, CodeGenFileType kind,
                  const StringSet<> &unhoisted, SmallVectorImpl<char> &bytes,
                  StringMap<Spills> &spills) {
  LLVMContext &context = module.getContext();
  HoistingGate gate(unhoisted);
  OptPassGate &oldGate = context.getOptPassGate();
  context.setOptPassGate(gate);
  context.setDiagnosticHandler(
      std::make_unique<SpillRecorder>(spills, context.getDiagnosticHandler()));
  bytes.clear();
  raw_svector_ostream os(bytes);
  legacy::PassManager passes;
  bool isUnknown = machine.addPassesToEmitFile(passes, os, nullptr, kind);
  if (!isUnknown)
    passes.run(module);
  std::unique_ptr<DiagnosticHandler> own = context.getDiagnosticHandler();
  context.setDiagnosticHandler(static_cast<SpillRecorder &>(*own).takeNext());
  context.setOptPassGate(oldGate);
  if (isUnknown)
    return createStringError("the code generator of '" +
                             machine.getTargetTriple().str() +
                             "' does not write this kind of file");
  return Error::success();
}

Error mlir::nnc::writeMachineCode(Module &module, TargetMachine &machine,
                                  CodeGenFileType kind, raw_pwrite_stream &os) {
  // A tile of sums, beyond the pointers and sizes that any kernel spills.
  constexpr unsigned manySpills = 64;
  // Below that the stores that are left are not sums.
  constexpr double wantedCost = 0.25;
  std::unique_ptr<Module> original = CloneModule(module);
  SmallVector<char, 0> bytes, others;
  StringMap<Spills> spills, fewer;
  StringSet<> unhoisted;
  if (Error error = emit(module, machine, kind, unhoisted, bytes, spills))
    return error;
  for (const StringMapEntry<Spills> &entry : spills)
    if (entry.second.number >= manySpills)
      unhoisted.insert(entry.first());
  if (!unhoisted.empty()) {
    std::unique_ptr<Module> again = CloneModule(*original);
    if (Error error = emit(*again, machine, kind, unhoisted, others, fewer))
      return error;
    StringSet<> kept;
    for (StringRef name : unhoisted.keys())
      if (fewer.lookup(name).cost <= wantedCost * spills.lookup(name).cost)
        kept.insert(name);
    if (kept.size() == unhoisted.size())
      bytes = std::move(others);
    else if (!kept.empty())
      if (Error error = emit(*original, machine, kind, kept, bytes, fewer))
        return error;
  }
  os.write(bytes.data(), bytes.size());
  return Error::success();
}
