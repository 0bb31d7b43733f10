//===----------------------------------------------------------------------===//
// Translates an ONNX graph node by node.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "GraphImporter.h"

#include "NodeBinder.h"
#include "StringOperands.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "llvm/ADT/SetVector.h"
#include <google/protobuf/unknown_field_set.h>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;
using NodeList = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

/// Weights of at least this many bytes stay in the file.
static constexpr size_t weightThreshold = 1024;
/// Nesting of subgraphs and of model functions.
static constexpr unsigned maxDepth = 64;
/// Errors shown; the rest is counted.
static constexpr unsigned maxErrors = 100;

/// ai.onnx is written in two ways.
static StringRef normalizeDomain(StringRef domain) {
  return domain == "ai.onnx" ? StringRef() : domain;
}

GraphImporter::GraphImporter(MLIRContext *context, const LoadedModel &model,
                             const ImportOptions &options)
    : builder(context), context(context), model(model), options(options) {}

//===----------------------------------------------------------------------===//
// Names and errors
//===----------------------------------------------------------------------===//

std::optional<Value> GraphImporter::lookup(StringRef name) const {
  for (const llvm::StringMap<Value> &scope : llvm::reverse(scopes)) {
    auto found = scope.find(name);
    if (found != scope.end())
      return found->second;
  }
  return std::nullopt;
}

void GraphImporter::define(StringRef name, Value value) {
  scopes.back()[name] = value;
}

void GraphImporter::addError(Location loc, const Twine &message) {
  if (errors++ < maxErrors) {
    auto name = dyn_cast<NameLoc>(loc);
    auto type = name ? dyn_cast<NameLoc>(name.getChildLoc()) : NameLoc();
    if (type)
      emitError(loc) << "node '" << name.getName().getValue() << "' ("
                     << type.getName().getValue() << "): " << message;
    else
      emitError(loc) << message;
  }
}

Location GraphImporter::getNodeLoc(const onnx::NodeProto &node) {
  std::string name = node.name();
  if (name.empty() && node.output_size())
    name = node.output(0);
  return NameLoc::get(builder.getStringAttr(name),
                      NameLoc::get(builder.getStringAttr(node.op_type())));
}

int64_t GraphImporter::getOpset(StringRef domain) const {
  auto found = opsets.find(domain);
  return found == opsets.end() ? 1 : found->second;
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

Type GraphImporter::getElementType(int32_t dataType) {
  using nncio::ElementType;
  auto type = static_cast<ElementType>(dataType);
  if (type == ElementType::String)
    return nn::StringType::get(context);
  if (!nncio::elementBytes(type))
    return {};
  return fromElementType(context, type);
}

FailureOr<nncio::Tensor>
GraphImporter::readTensor(const onnx::TensorProto &tensor, Location loc) {
  llvm::Expected<nncio::Tensor> result = onnximport::readTensor(tensor, model);
  if (result)
    return *result;
  addError(loc, llvm::toString(result.takeError()));
  return failure();
}

FailureOr<Value> GraphImporter::importTensor(Location loc,
                                             const onnx::TensorProto &tensor,
                                             StringRef name) {
  FailureOr<nncio::Tensor> data = readTensor(tensor, loc);
  if (failed(data))
    return failure();
  Type elementType = getElementType(static_cast<int32_t>(data->type()));
  if (!elementType) {
    addError(loc, "tensor '" + name + "' has unsupported element type " +
                      nncio::elementName(data->type()));
    return failure();
  }
  const TensorSource *source = model.find(tensor);
  // Packed elements are not in the file as kernels read them.
  if (!source || source->length < weightThreshold || options.inlineWeights ||
      nncio::elementBits(data->type()) < 8) // of strings: 0
    return Value(
        nn::ConstantOp::create(builder, loc, nn::toAttribute(context, *data)));
  auto type = RankedTensorType::get(data->shape(), elementType);
  auto where = nn::DataAttr::get(context, model.files[source->file].path,
                                 source->offset, source->length);
  return Value(nn::WeightOp::create(builder, loc, type, name, where));
}

LogicalResult GraphImporter::importInitializers(const onnx::GraphProto &graph) {
  for (const onnx::TensorProto &tensor : graph.initializer()) {
    Location loc = NameLoc::get(builder.getStringAttr(tensor.name()));
    FailureOr<Value> value = importTensor(loc, tensor, tensor.name());
    define(tensor.name(), succeeded(value) ? *value : Value());
  }
  if (graph.sparse_initializer_size())
    addError(builder.getUnknownLoc(),
             "sparse initializers are not supported; store them dense");
  return success(!errors);
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

/// Adds the names that the graphs in a node's attributes use.
static void addCaptures(const onnx::NodeProto &node,
                        llvm::SetVector<StringRef> &names) {
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (!attribute.has_g())
      continue;
    for (const onnx::NodeProto &inner : attribute.g().node()) {
      for (const std::string &name : inner.input())
        names.insert(name);
      addCaptures(inner, names);
    }
    for (const onnx::ValueInfoProto &output : attribute.g().output())
      names.insert(output.name());
  }
}

/// Names that a node needs: inputs, and what its graphs take from outside. The
/// names that these define themselves do no harm, since a name has one meaning.
static llvm::SetVector<StringRef> getReferences(const onnx::NodeProto &node) {
  llvm::SetVector<StringRef> names;
  for (const std::string &name : node.input())
    names.insert(name);
  addCaptures(node, names);
  return names;
}

FailureOr<SmallVector<const onnx::NodeProto *>>
GraphImporter::sortNodes(const NodeList &nodes) {
  llvm::StringMap<int> producer;
  for (int i = 0; i < nodes.size(); ++i)
    for (const std::string &name : nodes[i].output()) {
      if (name.empty())
        continue;
      if (producer.try_emplace(name, i).second)
        continue;
      // Against the specification, yet exporters do it and runtimes take it.
      emitWarning(getNodeLoc(nodes[i]))
          << "node '" << nodes[i].name() << "' (" << nodes[i].op_type()
          << "): defines '" << name
          << "', which another node defines too; the last definition is used";
      producer[name] = i;
    }
  // Kahn's algorithm, taking the first ready node in file order; subgraphs'
  // outer references count as inputs.
  std::vector<int> missing(nodes.size(), 0);
  std::vector<SmallVector<int>> users(nodes.size());
  for (int i = 0; i < nodes.size(); ++i)
    for (StringRef name : getReferences(nodes[i])) {
      auto found = producer.find(name);
      if (name.empty() || found == producer.end() || found->second == i)
        continue;
      users[found->second].push_back(i);
      ++missing[i];
    }
  SmallVector<const onnx::NodeProto *> order;
  std::vector<int> ready;
  auto later = std::greater<int>();
  for (int i = 0; i < nodes.size(); ++i)
    if (!missing[i])
      ready.push_back(i);
  std::make_heap(ready.begin(), ready.end(), later);
  while (!ready.empty()) {
    std::pop_heap(ready.begin(), ready.end(), later);
    int i = ready.back();
    ready.pop_back();
    order.push_back(&nodes[i]);
    for (int user : users[i])
      if (--missing[user] == 0) {
        ready.push_back(user);
        std::push_heap(ready.begin(), ready.end(), later);
      }
  }
  if (int(order.size()) == nodes.size())
    return order;
  for (int i = 0; i < nodes.size(); ++i)
    if (missing[i]) {
      addError(getNodeLoc(nodes[i]), "depends on its own output: the graph has "
                                     "a cycle through this node or before it");
      break;
    }
  return failure();
}

void GraphImporter::importNodes(const NodeList &nodes) {
  FailureOr<SmallVector<const onnx::NodeProto *>> order = sortNodes(nodes);
  if (failed(order))
    return;
  for (const onnx::NodeProto *node : *order)
    importNode(*node);
}

void GraphImporter::importNode(const onnx::NodeProto &original) {
  // Inside of a model function attributes may refer to those of the call.
  onnx::NodeProto substituted;
  const onnx::NodeProto *node = &original;
  bool refers = llvm::any_of(original.attribute(), [](const auto &attribute) {
    return !attribute.ref_attr_name().empty();
  });
  if (refers && !calls.empty()) {
    substituted = original;
    substituted.clear_attribute();
    for (const onnx::AttributeProto &attribute : original.attribute()) {
      if (attribute.ref_attr_name().empty()) {
        *substituted.add_attribute() = attribute;
        continue;
      }
      for (const onnx::AttributeProto &given : calls.back()->attribute())
        if (given.name() == attribute.ref_attr_name()) {
          onnx::AttributeProto *copy = substituted.add_attribute();
          *copy = given;
          copy->set_name(attribute.name());
        }
    }
    node = &substituted;
  }
  Location loc = getNodeLoc(*node);
  StringRef domain = normalizeDomain(node->domain());
  int64_t version = getOpset(domain);
  unsigned before = errors;
  ImportFn import = OpTable::get().find(domain, node->op_type(), version);
  bool done = false;
  if (!import && !importFunctionCall(*node, loc)) {
    std::string name =
        (domain.empty() ? "" : domain.str() + ".") + node->op_type();
    if (OpTable::get().contains(domain, node->op_type()))
      addError(loc, "operator " + name + " is not supported in opset " +
                        Twine(version));
    else
      addError(loc, "operator " + name + " is not supported");
  } else if (import) {
    // What depends on a value that could not be made is skipped in silence;
    // its operator has been looked up above.
    bool poisoned = llvm::any_of(node->input(), [&](const std::string &name) {
      std::optional<Value> value = lookup(name);
      return !name.empty() && value && !*value;
    });
    if (!poisoned) {
      NodeBinder binder(*this, *node, version);
      done = succeeded(checkStrings(binder)) && succeeded(import(binder));
      if (!done && errors == before)
        addError(loc, "could not be imported");
    }
  }
  for (const std::string &name : node->output())
    if (!name.empty() && (!done || !scopes.back().count(name))) {
      if (done && errors == before)
        addError(loc, "output '" + name + "' is not supported");
      define(name, Value());
    }
}

/// FunctionProto.attribute_proto, which this version of the protobuf classes
/// does not know: attributes with their default values.
static constexpr int functionDefaultsField = 11;

/// `node`, a call of `callee`, with the defaults of the attributes that it does
/// not give.
static onnx::NodeProto addDefaults(const onnx::NodeProto &node,
                                   const onnx::FunctionProto &callee) {
  onnx::NodeProto call = node;
  const google::protobuf::UnknownFieldSet &fields =
      callee.GetReflection()->GetUnknownFields(callee);
  for (int i = 0; i < fields.field_count(); ++i) {
    const google::protobuf::UnknownField &field = fields.field(i);
    onnx::AttributeProto attribute;
    if (field.number() != functionDefaultsField ||
        field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED ||
        !attribute.ParseFromString(field.length_delimited()))
      continue;
    if (llvm::none_of(node.attribute(), [&](const auto &given) {
          return given.name() == attribute.name();
        }))
      *call.add_attribute() = attribute;
  }
  return call;
}

bool GraphImporter::importFunctionCall(const onnx::NodeProto &node,
                                       Location loc) {
  for (const onnx::FunctionProto &callee : model.proto->functions()) {
    if (callee.name() != node.op_type() ||
        normalizeDomain(callee.domain()) != normalizeDomain(node.domain()))
      continue;
    if (depth >= maxDepth) {
      addError(loc, "model functions are nested too deeply, or recursive");
      return true;
    }
    llvm::StringMap<Value> scope;
    for (int i = 0; i < callee.input_size(); ++i) {
      std::optional<Value> value;
      if (i < node.input_size())
        value = lookup(node.input(i));
      if (value)
        scope[callee.input(i)] = *value;
    }
    ++depth;
    SmallVector<llvm::StringMap<Value>> outer;
    std::swap(outer, scopes); // a function sees nothing of its caller
    llvm::StringMap<int64_t> outerOpsets = opsets;
    for (const auto &opset : callee.opset_import())
      opsets[normalizeDomain(opset.domain())] = opset.version();
    scopes.push_back(std::move(scope));
    onnx::NodeProto call = addDefaults(node, callee);
    calls.push_back(&call);
    importNodes(callee.node());
    calls.pop_back();
    SmallVector<Value> results;
    for (const std::string &name : callee.output())
      results.push_back(lookup(name).value_or(Value()));
    std::swap(outer, scopes);
    opsets = std::move(outerOpsets);
    --depth;
    for (auto [i, value] : llvm::enumerate(results))
      if (int(i) < node.output_size())
        define(node.output(i), value);
    return true;
  }
  return false;
}

SmallVector<Value> GraphImporter::importSubgraph(const onnx::GraphProto &graph,
                                                 ValueRange inputs) {
  SmallVector<Value> results;
  if (depth >= maxDepth) {
    addError(builder.getUnknownLoc(), "subgraphs are nested too deeply");
    results.resize(graph.output_size());
    return results;
  }
  ++depth;
  scopes.emplace_back();
  for (auto [info, value] : llvm::zip(graph.input(), inputs))
    define(info.name(), value);
  if (succeeded(importInitializers(graph)))
    importNodes(graph.node());
  for (const onnx::ValueInfoProto &output : graph.output())
    results.push_back(lookup(output.name()).value_or(Value()));
  scopes.pop_back();
  --depth;
  return results;
}

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

OwningOpRef<ModuleOp> GraphImporter::run() {
  const onnx::GraphProto &graph = model.proto->graph();
  Location loc = builder.getUnknownLoc();
  module = ModuleOp::create(loc);
  (*module)->setAttr(nn::NNDialect::versionAttrName,
                     builder.getI64IntegerAttr(nn::NNDialect::version));
  for (const auto &opset : model.proto->opset_import())
    opsets[normalizeDomain(opset.domain())] = opset.version();
  builder.setInsertionPointToEnd(module->getBody());
  function = func::FuncOp::create(builder, loc, "main",
                                  builder.getFunctionType({}, {}));
  function->setAttr(nn::NNDialect::entryAttrName, builder.getUnitAttr());
  builder.setInsertionPointToStart(function.addEntryBlock());
  scopes.emplace_back();

  // What is wrong is told by the end, all at once.
  (void)importInputs(graph);
  (void)importInitializers(graph);
  importNodes(graph.node());
  if (errors > maxErrors)
    emitError(loc) << "and " << errors - maxErrors << " more errors";
  if (errors || failed(importOutputs(graph)) || failed(verify(*module)))
    return {};
  return std::move(module);
}

OwningOpRef<ModuleOp> mlir::nnc::importONNX(MLIRContext *context,
                                            StringRef path,
                                            const ImportOptions &options) {
  context->loadDialect<nn::NNDialect, func::FuncDialect, arith::ArithDialect,
                       scf::SCFDialect, tensor::TensorDialect>();
  llvm::Expected<LoadedModel> model = loadModel(path);
  if (!model) {
    emitError(UnknownLoc::get(context)) << llvm::toString(model.takeError());
    return {};
  }
  return GraphImporter(context, *model, options).run();
}

std::vector<SupportedOperator> mlir::nnc::getSupportedOperators() {
  std::vector<SupportedOperator> operators;
  for (const auto &[key, versions] : OpTable::get().entries())
    for (const auto &[since, function] : versions)
      operators.push_back({key.first, key.second, since});
  return operators;
}
