//===----------------------------------------------------------------------===//
// A lowered module cut into parts that are compiled side by side.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/CPU/Parts.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::nnc;

/// Kernels are gathered until a part has this many operations: some 50 ms of
/// code generation, many times what an LLVM context and its passes cost.
static constexpr int64_t partOperations = 2000;

namespace {
/// What each symbol of a module needs.
class References {
public:
  References(ModuleOp module, const ArtifactInfo &info)
      : context(module.getContext()) {
    for (Operation &op : *module.getBody())
      if (auto name = SymbolTable::getSymbolName(&op))
        symbols[name] = &op;
    for (const ArtifactKernel &kernel : info.kernels)
      for (const std::string &phase : kernel.phases)
        if (Operation *op = find(phase))
          kernels.insert(op);
  }

  Operation *find(StringRef name) const {
    return find(StringAttr::get(context, name));
  }
  ArrayRef<Operation *> getKernels() const { return kernels.getArrayRef(); }

  /// Adds what `root` needs and is not there yet, itself included.
  void collect(Operation *root, llvm::SetVector<Operation *> &definitions,
               llvm::SetVector<Operation *> &declarations) const {
    SmallVector<Operation *> work = {root};
    while (!work.empty()) {
      Operation *op = work.pop_back_val();
      if (op != root && kernels.contains(op)) {
        declarations.insert(op);
        continue;
      }
      if (!definitions.insert(op))
        continue;
      op->walk([&](Operation *inner) {
        inner->getAttrDictionary().walk([&](SymbolRefAttr reference) {
          if (Operation *other = find(reference.getRootReference()))
            work.push_back(other);
        });
      });
    }
  }

private:
  Operation *find(StringAttr name) const { return symbols.lookup(name); }

  MLIRContext *context;
  DenseMap<StringAttr, Operation *> symbols;
  llvm::SetVector<Operation *> kernels;
};
} // namespace

static int64_t countOperations(Operation *op) {
  int64_t count = 0;
  op->walk([&](Operation *) { ++count; });
  return count;
}

/// Whether a symbol may stand in several parts.
static bool mayBeCopied(Operation &op) {
  auto global = dyn_cast<LLVM::GlobalOp>(op);
  return isa<LLVM::LLVMFuncOp>(op) || (global && global.getConstant());
}

/// The operations of `set` in the module's order.
static SmallVector<Operation *>
inModuleOrder(const llvm::SetVector<Operation *> &set, ModuleOp module) {
  SmallVector<Operation *> ordered;
  for (Operation &op : *module.getBody())
    if (set.contains(&op))
      ordered.push_back(&op);
  return ordered;
}

SmallVector<CodePart> mlir::nnc::cutIntoParts(ModuleOp module,
                                              const ArtifactInfo &info) {
  Block &body = *module.getBody();
  bool cuts = !body.empty() && llvm::all_of(body, mayBeCopied);
  llvm::SetVector<Operation *> definitions, declarations;
  SmallVector<CodePart> parts;
  auto finishPart = [&] {
    parts.push_back({inModuleOrder(definitions, module),
                     inModuleOrder(declarations, module)});
    definitions.clear();
    declarations.clear();
  };
  if (!cuts) {
    for (Operation &op : body)
      definitions.insert(&op);
    finishPart();
    return parts;
  }
  References references(module, info);
  for (const ArtifactEntry &entry : info.entries)
    if (Operation *host = references.find(entry.function))
      references.collect(host, definitions, declarations);
  // The tables of the first part refer to all kernels.
  for (Operation *kernel : references.getKernels())
    declarations.insert(kernel);
  finishPart();
  int64_t count = 0;
  for (Operation *kernel : references.getKernels()) {
    size_t known = definitions.size();
    references.collect(kernel, definitions, declarations);
    for (Operation *op : definitions.getArrayRef().drop_front(known))
      count += countOperations(op);
    if (count >= partOperations) {
      finishPart();
      count = 0;
    }
  }
  if (!definitions.empty())
    finishPart();
  for (CodePart &part : parts)
    llvm::erase_if(part.declarations, [&](Operation *op) {
      return llvm::is_contained(part.definitions, op);
    });
  return parts;
}

DeviceParts mlir::nnc::cutForDevice(ModuleOp module, const ArtifactInfo &info) {
  References references(module, info);
  llvm::SetVector<Operation *> host, device, unused;
  for (const ArtifactEntry &entry : info.entries)
    if (Operation *function = references.find(entry.function))
      references.collect(function, host, unused);
  for (Operation *kernel : references.getKernels())
    references.collect(kernel, device, unused);
  return {{inModuleOrder(host, module), {}},
          {inModuleOrder(device, module), {}}};
}

OwningOpRef<ModuleOp> mlir::nnc::makePartModule(ModuleOp module,
                                                const CodePart &part) {
  OpBuilder builder(module.getContext());
  OwningOpRef<ModuleOp> result = ModuleOp::create(builder, module.getLoc());
  (*result)->setAttrs(module->getAttrDictionary());
  (*result)->removeAttr(artifactAttrName);
  builder.setInsertionPointToStart(result->getBody());
  for (Operation *op : part.declarations) {
    auto declaration =
        cast<LLVM::LLVMFuncOp>(builder.insert(op->cloneWithoutRegions()));
    declaration.setLinkage(LLVM::Linkage::External);
  }
  for (Operation *op : part.definitions)
    builder.clone(*op);
  return result;
}
