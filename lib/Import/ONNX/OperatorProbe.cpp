//===----------------------------------------------------------------------===//
// Asks the importer which element types an operator takes, by importing small
// nodes: every dimension is 1, which fits most operators; every attribute that
// some operator requires is there, since others do not look at it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Import/ONNX/OperatorProbe.h"

#include "GraphImporter.h"
#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nnc/DataIO/TensorProto.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;
using nncio::ElementType;

/// All but strings.
static constexpr ElementType allTypes[] = {
    ElementType::F32, ElementType::U8,  ElementType::I8,  ElementType::U16,
    ElementType::I16, ElementType::I32, ElementType::I64, ElementType::Bool,
    ElementType::F16, ElementType::F64, ElementType::U32, ElementType::U64,
    ElementType::BF16};

/// The inputs of a probe, a letter each. Data of all dimensions 1: T of the
/// type in question, f, i, b of f32, i64, bool. Data of a shape that operators
/// ask for: W of one element, E of two, R of one box, A of one affine matrix, G
/// and H of the weights of three and four gates, all of the type; B of boxes in
/// f32. Constants: S, V and P of rank 1, as shapes, scales and pads are, in
/// i64, f32 and i64; Q an image's shape; N of one element, K, c and Z of rank
/// 0, in i64, i64, f32 and the type. s is a sequence. - is absent. The first
/// that fits is taken, so the more special come first.
static constexpr StringLiteral patterns[] = {
    "T",     "TT",   "TWW", "THH",  "TGG",      "TS",       "TN",
    "TK",    "TP",   "T-V", "T--S", "TV",       "Ti",       "Tb",
    "bTT",   "TiT",  "iTT", "iKE",  "TTT",      "TTTT",     "TTTTT",
    "TNN",   "TK-K", "TRN", "TfT",  "TfTTfTfT", "TcZTcZcZ", "AQ",
    "KKKcc", "Bf",   "s",   "sT",   "sK"};
static constexpr int64_t maxRank = 5;
/// What entries without a later one are asked about, as a version of ai.onnx.
static constexpr int64_t newestOpset = 24;

namespace {
struct Probe {
  StringRef pattern;
  int64_t rank = 1;
};
} // namespace

//===----------------------------------------------------------------------===//
// One probe as a model
//===----------------------------------------------------------------------===//

static onnx::AttributeProto &
addAttribute(onnx::NodeProto &node, StringRef name,
             onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto &attribute = *node.add_attribute();
  attribute.set_name(name.str());
  attribute.set_type(type);
  return attribute;
}

/// The attributes that an operator can't do without.
static void addAttributes(onnx::NodeProto &node, ElementType type,
                          int64_t rank) {
  for (StringRef name :
       {"blocksize", "num_groups", "hidden_size", "size", "k", "to"})
    addAttribute(node, name, onnx::AttributeProto::INT)
        .set_i(name == "to" ? int64_t(type) : 1);
  if (node.op_type() != "Squeeze" && node.op_type() != "Pad")
    addAttribute(node, "axis", onnx::AttributeProto::INT).set_i(0);
  auto addInts = [&](StringRef name, int64_t count, int64_t value) {
    auto &list = addAttribute(node, name, onnx::AttributeProto::INTS);
    for (int64_t i = 0; i < count; ++i)
      list.add_ints(value);
  };
  addInts("kernel_shape", std::max<int64_t>(rank - 2, 0), 1);
  addInts("starts", rank, 0);
  addInts("ends", rank, 1);
  addInts("shape", rank, 1);
  bool isPad = node.op_type() == "Pad";
  addInts("pads", 2 * (isPad ? rank : std::max<int64_t>(rank - 2, 0)), 0);
  addInts("paddings", 2 * rank, 0);
  auto &scales = addAttribute(node, "scales", onnx::AttributeProto::FLOATS);
  for (int64_t i = 0; i < rank; ++i)
    scales.add_floats(1);
  addAttribute(node, "equation", onnx::AttributeProto::STRING)
      .set_s("...->...");
  if (node.op_type() == "BitShift")
    addAttribute(node, "direction", onnx::AttributeProto::STRING).set_s("LEFT");
  if (node.op_type() != "Constant")
    return;
  node.clear_attribute();
  auto bytes = nncio::serializeTensorProto(nncio::Tensor(type, {1}), "");
  addAttribute(node, "value", onnx::AttributeProto::TENSOR)
      .mutable_t()
      ->ParseFromString(*bytes);
}

static void setTensorType(onnx::TypeProto &proto, ElementType type,
                          ArrayRef<int64_t> shape) {
  auto &tensor = *proto.mutable_tensor_type();
  tensor.set_elem_type(int32_t(type));
  tensor.mutable_shape();
  for (int64_t size : shape)
    tensor.mutable_shape()->add_dim()->set_dim_value(size);
}

static void addData(onnx::GraphProto &graph, const std::string &name,
                    ElementType type, ArrayRef<int64_t> shape) {
  onnx::ValueInfoProto &info = *graph.add_input();
  info.set_name(name);
  setTensorType(*info.mutable_type(), type, shape);
}

static void addSequence(onnx::GraphProto &graph, const std::string &name,
                        ElementType type, ArrayRef<int64_t> shape) {
  onnx::ValueInfoProto &info = *graph.add_input();
  info.set_name(name);
  setTensorType(
      *info.mutable_type()->mutable_sequence_type()->mutable_elem_type(), type,
      shape);
}

/// Adds what a letter of a pattern stands for.
static void addInput(onnx::GraphProto &graph, char letter, ElementType type,
                     int64_t rank) {
  onnx::NodeProto &node = *graph.mutable_node(0);
  std::string name = "x" + std::to_string(node.input_size());
  node.add_input(letter == '-' ? "" : name);
  SmallVector<int64_t> ones(rank, 1);
  auto constant = [&](ElementType of, std::vector<int64_t> shape) {
    std::vector<double> values(nncio::numElements(shape),
                               letter == 'P' ? 0 : 1);
    auto bytes = nncio::serializeTensorProto(
        nncio::Tensor::fromDoubles(of, std::move(shape), values), name);
    graph.add_initializer()->ParseFromString(*bytes);
  };
  switch (letter) {
  case 'T':
    return addData(graph, name, type, ones);
  case 's':
    return addSequence(graph, name, type, ones);
  case 'f':
    return addData(graph, name, ElementType::F32, ones);
  case 'i':
    return addData(graph, name, ElementType::I64, ones);
  case 'b':
    return addData(graph, name, ElementType::Bool, ones);
  case 'W':
    return addData(graph, name, type, {1});
  case 'E':
    return addData(graph, name, type, {2});
  case 'R':
    return addData(graph, name, type, {1, 4});
  case 'A':
    return addData(graph, name, type, {1, 2, 3});
  case 'B':
    return addData(graph, name, ElementType::F32, {1, 1, 4});
  case 'G':
    return addData(graph, name, type, {1, 3, 1});
  case 'H':
    return addData(graph, name, type, {1, 4, 1});
  case 'S':
    return constant(ElementType::I64, {rank});
  case 'V':
    return constant(ElementType::F32, {rank});
  case 'P':
    return constant(ElementType::I64, {2 * rank});
  case 'N':
    return constant(ElementType::I64, {1});
  case 'K':
    return constant(ElementType::I64, {});
  case 'Q':
    return constant(ElementType::I64, {4});
  case 'c':
    return constant(ElementType::F32, {});
  case 'Z':
    return constant(type, {});
  default:
    return;
  }
}

static LoadedModel makeModel(const SupportedOperator &op, const Probe &probe,
                             ElementType type) {
  int64_t version =
      std::max(op.sinceVersion, op.domain.empty() ? newestOpset : 1);
  LoadedModel model;
  model.proto = std::make_unique<onnx::ModelProto>();
  model.proto->set_ir_version(8);
  auto &opset = *model.proto->add_opset_import();
  opset.set_domain(op.domain);
  opset.set_version(version);
  onnx::GraphProto &graph = *model.proto->mutable_graph();
  onnx::NodeProto &node = *graph.add_node();
  node.set_name("probe");
  node.set_op_type(op.name);
  node.set_domain(op.domain);
  for (char letter : probe.pattern)
    addInput(graph, letter, type, probe.rank);
  addAttributes(node, type, probe.rank);
  node.add_output("y");
  graph.add_output()->set_name("y");
  return model;
}

//===----------------------------------------------------------------------===//
// Asking
//===----------------------------------------------------------------------===//

static bool isAccepted(MLIRContext *context, const SupportedOperator &op,
                       const Probe &probe, ElementType type) {
  LoadedModel model = makeModel(op, probe, type);
  OwningOpRef<ModuleOp> module =
      GraphImporter(context, model, ImportOptions()).run();
  if (!module)
    return false;
  // Inputs too many are not looked at, so what comes last must be used.
  auto function = *module->getOps<func::FuncOp>().begin();
  return probe.pattern.starts_with("T") || probe.pattern == "s" ||
         !function.getNumArguments() ||
         !function.getArguments().back().use_empty();
}

static bool dependsOnType(StringRef pattern) {
  return pattern.find_first_of("TWERAGHZs") != StringRef::npos;
}

/// The first probe that is accepted with some type.
static std::optional<Probe> findProbe(MLIRContext *context,
                                      const SupportedOperator &op) {
  for (bool depends : {true, false})
    for (ElementType type : {ElementType::F32, ElementType::I64,
                             ElementType::U8, ElementType::Bool})
      for (StringRef pattern : patterns)
        for (int64_t rank = 0; rank <= maxRank; ++rank)
          if (dependsOnType(pattern) == depends &&
              isAccepted(context, op, {pattern, rank}, type))
            return Probe{pattern, rank};
  return std::nullopt;
}

std::vector<ElementType>
mlir::nnc::probeElementTypes(MLIRContext *context,
                             const SupportedOperator &op) {
  context->loadDialect<nn::NNDialect, func::FuncDialect, arith::ArithDialect,
                       scf::SCFDialect, tensor::TensorDialect>();
  ScopedDiagnosticHandler silence(context,
                                  [](Diagnostic &) { return success(); });
  std::optional<Probe> probe = findProbe(context, op);
  if (!probe)
    return {};
  if (!dependsOnType(probe->pattern))
    return {probe->pattern[0] == 'B' ? ElementType::F32 : ElementType::I64};
  std::vector<ElementType> types;
  for (ElementType type : allTypes)
    if (isAccepted(context, op, *probe, type))
      types.push_back(type);
  return types;
}
