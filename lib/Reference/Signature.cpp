//===----------------------------------------------------------------------===//
// What a function takes and gives, as its attributes say.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/SignatureTypes.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "nnc/Reference/Interpreter.h"

using namespace mlir;
using namespace mlir::nnc;
using SignatureResult = nncio::Result<nncrun::Signature>;

func::FuncOp mlir::nnc::findEntry(ModuleOp module, StringRef name) {
  func::FuncOp only;
  unsigned publicFunctions = 0;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isExternal())
      continue;
    bool isEntry = function->hasAttr(nn::NNDialect::entryAttrName);
    if (name.empty() ? isEntry : function.getName() == name)
      return function;
    if (function.isPublic()) {
      ++publicFunctions;
      only = function;
    }
  }
  return name.empty() && publicFunctions == 1 ? only : func::FuncOp();
}

static std::string describeType(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// Attributes give names to what a person may also have written without.
static SignatureResult failType(StringRef what, unsigned number, Type type) {
  return SignatureResult::failure((what + " " + Twine(number) +
                                   ": expected a ranked tensor of numbers, a "
                                   "sequence or an optional of them, but "
                                   "found " +
                                   describeType(type))
                                      .str());
}

static bool convertInfo(Type type, StringAttr name, ArrayAttr dimNames,
                        const std::string &otherwise, nncrun::ValueInfo &info) {
  std::optional<nn::SignatureType> signature = nn::getSignatureType(type);
  std::optional<nncio::ElementType> element;
  if (signature)
    element = toElementType(signature->tensor.getElementType());
  if (!element)
    return false;
  info.isSequence = signature->isSequence;
  info.isOptional = signature->isOptional;
  info.name = name ? name.str() : otherwise;
  info.type = *element;
  auto tensor = dyn_cast<RankedTensorType>(signature->tensor);
  info.anyRank = !tensor;
  if (!tensor)
    return true;
  for (auto [axis, size] : llvm::enumerate(tensor.getShape())) {
    info.dims.push_back(ShapedType::isDynamic(size) ? -1 : size);
    StringAttr dimName;
    if (dimNames && axis < dimNames.size())
      dimName = dyn_cast<StringAttr>(dimNames[axis]);
    info.dimNames.push_back(dimName ? dimName.str() : "");
  }
  return true;
}

SignatureResult mlir::nnc::readSignature(func::FuncOp function) {
  constexpr StringRef nameAttr = nn::NNDialect::nameAttrName;
  constexpr StringRef dimsAttr = nn::NNDialect::dimNamesAttrName;
  nncrun::Signature signature;
  signature.name = function.getName().str();
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes())) {
    nncrun::ValueInfo info;
    if (!convertInfo(type, function.getArgAttrOfType<StringAttr>(i, nameAttr),
                     function.getArgAttrOfType<ArrayAttr>(i, dimsAttr),
                     "input" + std::to_string(i), info))
      return failType("input", i, type);
    signature.inputs.push_back(std::move(info));
  }
  for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
    nncrun::ValueInfo info;
    if (!convertInfo(type,
                     function.getResultAttrOfType<StringAttr>(i, nameAttr),
                     function.getResultAttrOfType<ArrayAttr>(i, dimsAttr),
                     "output" + std::to_string(i), info))
      return failType("output", i, type);
    signature.outputs.push_back(std::move(info));
  }
  return signature;
}

std::string mlir::nnc::describeLocation(Location loc) {
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    std::string text;
    for (Location part : fused.getLocations()) {
      std::string one = describeLocation(part);
      if (!one.empty())
        text += (text.empty() ? "" : ", ") + one;
    }
    return text;
  }
  if (auto name = dyn_cast<NameLoc>(loc)) {
    std::string text = "'" + name.getName().str() + "'";
    if (auto type = dyn_cast<NameLoc>(name.getChildLoc()))
      text = "node " + text + " (" + type.getName().str() + ")";
    return text;
  }
  if (auto call = dyn_cast<CallSiteLoc>(loc))
    return describeLocation(call.getCallee());
  if (auto file = dyn_cast<FileLineColLoc>(loc))
    return (file.getFilename().getValue() + ":" + Twine(file.getLine()) + ":" +
            Twine(file.getColumn()))
        .str();
  return "";
}
