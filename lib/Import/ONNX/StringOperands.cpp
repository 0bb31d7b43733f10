//===----------------------------------------------------------------------===//
// Which operators take tensors of strings.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "StringOperands.h"

#include "GraphImporter.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

static bool holdsStrings(Type type) {
  if (auto optional = dyn_cast<nn::OptionalType>(type))
    return holdsStrings(optional.getElementType());
  if (auto sequence = dyn_cast<nn::SequenceType>(type))
    return holdsStrings(sequence.getElementType());
  auto tensor = dyn_cast<TensorType>(type);
  return tensor && isString(tensor.getElementType());
}

/// A bit for each of the inputs of an operator that may be strings. The last of
/// the bits is that of all further ones.
static uint64_t getStringInputs(StringRef operatorName) {
  constexpr uint64_t all = ~uint64_t(0), first = 1;
  return llvm::StringSwitch<uint64_t>(operatorName)
      .Cases({"Concat", "Equal", "Scan", "SequenceConstruct"}, all)
      .Cases({"Identity", "Shape", "Size"}, first)
      .Cases({"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand"}, first)
      .Cases({"Transpose", "Slice", "Split", "Tile", "Trilu"}, first)
      .Cases({"DepthToSpace", "SpaceToDepth", "ReverseSequence"}, first)
      .Cases({"Gather", "GatherElements", "GatherND", "Compress"}, first)
      .Cases({"SequenceAt", "SequenceErase", "SequenceLength"}, first)
      .Cases({"ConcatFromSequence", "SplitToSequence", "Optional"}, first)
      .Cases({"OptionalGetElement", "OptionalHasElement"}, first)
      .Case("SequenceInsert", 0b011)
      .Case("Pad", 0b101)
      .Case("Where", 0b110)
      .Case("OneHot", 0b100)
      .Case("Loop", all & ~uint64_t(0b11))
      .Default(0);
}

LogicalResult onnximport::checkStrings(NodeBinder &node) {
  const onnx::NodeProto &proto = node.proto();
  bool isOnnx = proto.domain().empty() || proto.domain() == "ai.onnx";
  uint64_t allowed = isOnnx ? getStringInputs(proto.op_type()) : 0;
  for (int i = 0; i < proto.input_size(); ++i) {
    std::optional<Value> value = node.getImporter().lookup(proto.input(i));
    if (!value || !*value || !holdsStrings(value->getType()) ||
        (allowed >> std::min(i, 63) & 1))
      continue;
    return node.error("operator " + proto.op_type() +
                      " on strings is not supported, but input " + Twine(i) +
                      ", '" + proto.input(i) + "', is " +
                      typeText(value->getType()));
  }
  return success();
}
