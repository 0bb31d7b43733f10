//===----------------------------------------------------------------------===//
// Bounds of symbolic dimensions: --dim NAME<=N.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "DimBounds.h"

#include "nnc/Reference/Interpreter.h"
#include "nnc/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

bool driver::isDimBound(StringRef text) { return text.contains("<="); }

int driver::readDimBounds(const Arguments &arguments, DimBounds &bounds) {
  for (const std::string &text : arguments.getAll("dim")) {
    if (!isDimBound(text))
      continue;
    // Names may contain anything.
    size_t at = StringRef(text).rfind("<=");
    StringRef name = StringRef(text).take_front(at);
    int64_t bound = 0;
    if (name.empty() ||
        StringRef(text).drop_front(at + 2).getAsInteger(10, bound) || bound < 0)
      return reportError("--dim expects NAME<=N with N of at least 0, but "
                         "found '" +
                             text + "'",
                         nncrun::ExitUsage);
    bounds[name.str()] = bound;
  }
  return nncrun::ExitDone;
}

int driver::setDimBounds(ModuleOp module, const DimBounds &bounds) {
  func::FuncOp entry = findEntry(module);
  if (bounds.empty() || !entry)
    return nncrun::ExitDone;
  nncio::Result<nncrun::Signature> signature = readSignature(entry);
  if (!signature)
    return reportError(signature.error(), nncrun::ExitInput);
  std::string known;
  DimBounds missing = bounds;
  for (const nncrun::ValueInfo &info : signature->inputs)
    for (auto [name, size] : llvm::zip(info.dimNames, info.dims)) {
      if (name.empty())
        continue;
      known += (known.empty() ? "" : ", ") + name;
      auto bound = bounds.find(name);
      if (bound == bounds.end())
        continue;
      missing.erase(name);
      if (size > bound->second)
        return reportError("--dim " + name +
                               "<=" + std::to_string(bound->second) +
                               ": the dimension is " + std::to_string(size),
                           nncrun::ExitUsage);
    }
  if (!missing.empty())
    return reportError("the model has no symbolic dimension '" +
                           missing.begin()->first + "'; it has " +
                           (known.empty() ? "none" : known),
                       nncrun::ExitUsage);
  Builder builder(module.getContext());
  SmallVector<NamedAttribute> list;
  for (const auto &[name, bound] : bounds)
    list.push_back(
        builder.getNamedAttr(name, builder.getI64IntegerAttr(bound)));
  entry->setAttr(dimBoundsAttrName, builder.getDictionaryAttr(list));
  return nncrun::ExitDone;
}

int driver::loadAtBounds(Session &session, const std::string &path,
                         const Arguments &arguments, const DimBounds &bounds,
                         OwningOpRef<ModuleOp> &module) {
  Arguments fixed;
  fixed.operands = arguments.operands;
  for (const std::string &text : arguments.getAll("dim"))
    if (!isDimBound(text))
      fixed.add("dim", text);
  for (const auto &[name, bound] : bounds)
    fixed.add("dim", name + "=" + std::to_string(bound));
  for (const std::string &text : arguments.getAll("shape"))
    fixed.add("shape", text);
  return loadModule(session, path, fixed, module);
}
