//===----------------------------------------------------------------------===//
// Inserts conversions to 8 bits into an ONNX graph.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Export/ONNX/QdqModel.h"

#include "nnc/Import/ONNX/ModelReader.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"

#include <cmath>
#include <limits>
#include <map>

using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

static llvm::Error fail(const llvm::Twine &message) {
  return llvm::createStringError(message.str());
}

static std::string getName(const onnx::NodeProto &node) {
  return node.name().empty() && node.output_size() ? node.output(0)
                                                   : node.name();
}

static int64_t getInt(const onnx::NodeProto &node, llvm::StringRef name,
                      int64_t otherwise) {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return attribute.i();
  return otherwise;
}

/// Of nodes that move or compare elements, how many inputs are data.
static int countDataInputs(const onnx::NodeProto &node) {
  return llvm::StringSwitch<int>(node.op_type())
      .Case("Concat", node.input_size())
      .Cases({"Flatten", "MaxPool", "Reshape", "Slice"}, 1)
      .Cases({"Squeeze", "Transpose", "Unsqueeze"}, 1)
      .Default(0);
}

namespace {
class Editor {
public:
  explicit Editor(LoadedModel &model)
      : model(model), graph(*model.proto->mutable_graph()) {}

  llvm::Error run(llvm::ArrayRef<QdqProduct> products);

private:
  void index();
  llvm::Error checkOpset() const;
  llvm::Error quantize(const QdqProduct &product);
  llvm::Error quantizeWeight(onnx::NodeProto &node, int place,
                             const QdqProduct &product);
  llvm::Error correctBias(onnx::NodeProto &node, const nncio::Tensor &weight,
                          const nncio::Tensor &bytes,
                          llvm::ArrayRef<double> scales,
                          llvm::ArrayRef<double> channelMean);
  llvm::Expected<nncio::Tensor> readWeight(const onnx::NodeProto &node) const;
  std::string convert(const std::string &tensor, const QdqProduct &product,
                      bool isImage);
  void rebuild();
  void dropUnused();
  std::string unique(const std::string &wish);
  void addConstant(const std::string &name, const nncio::Tensor &tensor);
  onnx::NodeProto &addNode(int before, const char *type,
                           const std::string &name,
                           std::initializer_list<std::string> inputs);

  LoadedModel &model;
  onnx::GraphProto &graph;
  llvm::StringSet<> names;
  std::map<std::string, int> producers; ///< Of a tensor, by its name.
  std::map<std::string, std::vector<std::pair<int, int>>> users;
  std::map<std::string, const onnx::TensorProto *> constants;
  /// New nodes, in front of that of a number.
  std::map<int, std::vector<onnx::NodeProto>> added;
  /// What stands for a tensor that is converted already.
  std::map<std::string, std::string> converted;
};
} // namespace

void Editor::index() {
  for (const onnx::ValueInfoProto &info : graph.input())
    names.insert(info.name());
  for (const onnx::TensorProto &tensor : graph.initializer()) {
    names.insert(tensor.name());
    constants[tensor.name()] = &tensor;
  }
  for (int i = 0; i < graph.node_size(); ++i) {
    const onnx::NodeProto &node = graph.node(i);
    names.insert(node.name());
    for (int j = 0; j < node.input_size(); ++j)
      users[node.input(j)].emplace_back(i, j);
    for (const std::string &output : node.output()) {
      names.insert(output);
      producers[output] = i;
    }
    if (node.op_type() == "Constant" && node.output_size() == 1)
      for (const onnx::AttributeProto &attribute : node.attribute())
        if (attribute.name() == "value" && attribute.has_t())
          constants[node.output(0)] = &attribute.t();
  }
}

llvm::Error Editor::checkOpset() const {
  constexpr int64_t least = 13;
  for (const onnx::OperatorSetIdProto &set : model.proto->opset_import())
    if (set.domain().empty() && set.version() < least)
      return fail("expected operator set 13 or later, whose DequantizeLinear "
                  "has a scale for each channel, but the model has " +
                  llvm::Twine(set.version()));
  return llvm::Error::success();
}

std::string Editor::unique(const std::string &wish) {
  std::string name = wish;
  for (int i = 2; !names.insert(name).second; ++i)
    name = wish + "_" + std::to_string(i);
  return name;
}

void Editor::addConstant(const std::string &name, const nncio::Tensor &tensor) {
  onnx::TensorProto *proto = graph.add_initializer();
  proto->set_name(name);
  proto->set_data_type(int32_t(tensor.type()));
  for (int64_t size : tensor.shape())
    proto->add_dims(size);
  proto->set_raw_data(tensor.data(), tensor.bytes());
}

onnx::NodeProto &Editor::addNode(int before, const char *type,
                                 const std::string &name,
                                 std::initializer_list<std::string> inputs) {
  onnx::NodeProto &node = added[before].emplace_back();
  node.set_op_type(type);
  node.set_name(name);
  for (const std::string &input : inputs)
    node.add_input(input);
  node.add_output(name);
  return node;
}

/// The tensor that stands for `tensor` on the way to bytes and back. Of images
/// whatever reads it reads that.
std::string Editor::convert(const std::string &tensor,
                            const QdqProduct &product, bool isImage) {
  if (auto found = converted.find(tensor); found != converted.end())
    return found->second;
  auto producer = producers.find(tensor);
  if (producer != producers.end() && users[tensor].size() == 1) {
    onnx::NodeProto &node = *graph.mutable_node(producer->second);
    for (int i = 0; i < countDataInputs(node); ++i)
      if (!constants.count(node.input(i)))
        node.set_input(i, convert(node.input(i), product, /*isImage=*/false));
  }
  int before = producer == producers.end() ? 0 : producer->second + 1;
  std::string scale = unique(tensor + "_scale");
  std::string zero = unique(tensor + "_zero_point");
  addConstant(scale, nncio::Tensor::fromDoubles(nncio::ElementType::F32, {},
                                                {double(product.scale)}));
  addConstant(zero, nncio::Tensor::fromInts(nncio::ElementType::U8, {},
                                            {product.zeroPoint}));
  std::string bytes = unique(tensor + "_quantized");
  std::string reals = unique(tensor + "_dequantized");
  addNode(before, "QuantizeLinear", bytes, {tensor, scale, zero});
  addNode(before, "DequantizeLinear", reals, {bytes, scale, zero});
  if (isImage)
    for (auto [node, place] : users[tensor])
      graph.mutable_node(node)->set_input(place, reals);
  return converted[tensor] = reals;
}

llvm::Expected<nncio::Tensor>
Editor::readWeight(const onnx::NodeProto &node) const {
  auto found =
      node.input_size() > 1 ? constants.find(node.input(1)) : constants.end();
  if (found == constants.end())
    return fail("node '" + getName(node) +
                "': the weight is no constant of the main graph");
  llvm::Expected<nncio::Tensor> weight = readTensor(*found->second, model);
  if (!weight)
    return weight.takeError();
  if (weight->type() != nncio::ElementType::F32 || weight->rank() < 2)
    return fail("node '" + getName(node) +
                "': expected a weight of f32 with 2 axes or more");
  return weight;
}

/// Adds to the bias of a convolution what rounded weights take from the mean of
/// each channel. A bias that is no constant stays as it is.
llvm::Error Editor::correctBias(onnx::NodeProto &node,
                                const nncio::Tensor &weight,
                                const nncio::Tensor &bytes,
                                llvm::ArrayRef<double> scales,
                                llvm::ArrayRef<double> channelMean) {
  int64_t features = weight.shape()[0], own = weight.shape()[1];
  int64_t inner = weight.size() / std::max<int64_t>(features * own, 1);
  int64_t parts = int64_t(channelMean.size()) / std::max<int64_t>(own, 1);
  if (parts < 1 || features % parts != 0)
    return llvm::Error::success();
  std::vector<double> bias(size_t(features), 0);
  if (node.input_size() > 2 && !node.input(2).empty()) {
    auto found = constants.find(node.input(2));
    if (found == constants.end())
      return llvm::Error::success();
    llvm::Expected<nncio::Tensor> old = readTensor(*found->second, model);
    if (!old)
      return old.takeError();
    if (old->size() != features)
      return fail("node '" + getName(node) + "': expected a bias of " +
                  llvm::Twine(features) + " elements");
    bias = old->toDoubles();
  }
  for (int64_t i = 0; i < weight.size(); ++i) {
    int64_t feature = i / inner / own;
    int64_t channel = feature / (features / parts) * own + i / inner % own;
    double lost =
        weight.getDouble(i) - double(bytes.getInt(i)) * scales[size_t(feature)];
    bias[size_t(feature)] += lost * channelMean[size_t(channel)];
  }
  std::string name = unique(getName(node) + "_bias");
  addConstant(name, nncio::Tensor::fromDoubles(nncio::ElementType::F32,
                                               {features}, bias));
  while (node.input_size() < 3)
    node.add_input("");
  node.set_input(2, name);
  return llvm::Error::success();
}

llvm::Error Editor::quantizeWeight(onnx::NodeProto &node, int place,
                                   const QdqProduct &product) {
  llvm::Expected<nncio::Tensor> weight = readWeight(node);
  if (!weight)
    return weight.takeError();
  bool isFirst = node.op_type() == "Conv" ||
                 (node.op_type() == "Gemm" && getInt(node, "transB", 0));
  int64_t axis = isFirst ? 0 : weight->rank() - 1;
  int64_t channels = weight->shape()[size_t(axis)], inner = 1;
  for (size_t i = size_t(axis) + 1; i < weight->shape().size(); ++i)
    inner *= weight->shape()[i];
  std::vector<double> scales(size_t(channels), 0);
  auto scaleOf = [&](int64_t i) -> double & {
    return scales[size_t(i / inner % channels)];
  };
  for (int64_t i = 0; i < weight->size(); ++i)
    scaleOf(i) = std::max(scaleOf(i), std::fabs(weight->getDouble(i)));
  for (double &scale : scales) {
    scale = double(float(scale / 127));
    if (scale < double(std::numeric_limits<float>::min()))
      scale = 1;
  }
  nncio::Tensor bytes(nncio::ElementType::I8, weight->shape());
  for (int64_t i = 0; i < weight->size(); ++i)
    bytes.setDouble(
        i, std::clamp(std::nearbyint(weight->getDouble(i) / scaleOf(i)), -127.0,
                      127.0));
  std::string name = node.input(1);
  std::string quantized = unique(name + "_quantized");
  std::string scale = unique(name + "_scale");
  std::string zero = unique(name + "_zero_point");
  addConstant(quantized, bytes);
  addConstant(scale, nncio::Tensor::fromDoubles(nncio::ElementType::F32,
                                                {channels}, scales));
  addConstant(zero, nncio::Tensor(nncio::ElementType::I8, {channels}));
  std::string reals = unique(name + "_dequantized");
  onnx::NodeProto &conversion =
      addNode(place, "DequantizeLinear", reals, {quantized, scale, zero});
  onnx::AttributeProto *attribute = conversion.add_attribute();
  attribute->set_name("axis");
  attribute->set_type(onnx::AttributeProto::INT);
  attribute->set_i(axis);
  node.set_input(1, reals);
  return node.op_type() == "Conv"
             ? correctBias(node, *weight, bytes, scales, product.channelMean)
             : llvm::Error::success();
}

llvm::Error Editor::quantize(const QdqProduct &product) {
  for (int i = 0; i < graph.node_size(); ++i) {
    onnx::NodeProto &node = *graph.mutable_node(i);
    bool isProduct =
        llvm::is_contained({"Conv", "MatMul", "Gemm"}, node.op_type());
    if (!isProduct || !llvm::is_contained(product.nodes, getName(node)))
      continue;
    // Its data may have been converted for another product.
    std::string data = node.input(0);
    bool isConverted = llvm::any_of(
        converted, [&](const auto &pair) { return pair.second == data; });
    if (!isConverted)
      node.set_input(0, convert(data, product, node.op_type() == "Conv"));
    return quantizeWeight(node, i, product);
  }
  return fail("the model has no Conv, MatMul or Gemm called '" +
              (product.nodes.empty() ? std::string() : product.nodes.front()) +
              "'");
}

/// Puts the new nodes in their places.
void Editor::rebuild() {
  google::protobuf::RepeatedPtrField<onnx::NodeProto> nodes;
  for (int i = 0; i <= graph.node_size(); ++i) {
    for (onnx::NodeProto &node : added[i])
      nodes.Add(std::move(node));
    if (i < graph.node_size())
      nodes.Add(std::move(*graph.mutable_node(i)));
  }
  graph.mutable_node()->Swap(&nodes);
}

/// Weights that nothing reads any more.
void Editor::dropUnused() {
  llvm::StringSet<> used;
  for (const onnx::ValueInfoProto &info : graph.output())
    used.insert(info.name());
  bool hasGraphs = false;
  for (const onnx::NodeProto &node : graph.node()) {
    for (const std::string &input : node.input())
      used.insert(input);
    for (const onnx::AttributeProto &attribute : node.attribute())
      hasGraphs |= attribute.has_g() || attribute.graphs_size() > 0;
  }
  // Branches and loops read what is around them by name.
  if (hasGraphs)
    return;
  llvm::StringSet<> dropped;
  for (int i = graph.initializer_size() - 1; i >= 0; --i)
    if (!used.contains(graph.initializer(i).name())) {
      dropped.insert(graph.initializer(i).name());
      graph.mutable_initializer()->DeleteSubrange(i, 1);
    }
  for (int i = graph.input_size() - 1; i >= 0; --i)
    if (dropped.contains(graph.input(i).name()))
      graph.mutable_input()->DeleteSubrange(i, 1);
}

llvm::Error Editor::run(llvm::ArrayRef<QdqProduct> products) {
  if (llvm::Error error = checkOpset())
    return error;
  index();
  for (const QdqProduct &product : products)
    if (llvm::Error error = quantize(product))
      return error;
  rebuild();
  dropUnused();
  return llvm::Error::success();
}

llvm::Expected<std::string>
mlir::nnc::makeQdqModel(llvm::StringRef path,
                        llvm::ArrayRef<QdqProduct> products) {
  LoadOptions options;
  options.cutThreshold = std::numeric_limits<uint64_t>::max();
  llvm::Expected<LoadedModel> model = loadModel(path, options);
  if (!model)
    return model.takeError();
  if (model->files.size() > 1)
    return fail("'" + path +
                "' has external data; expected a model in one file");
  if (llvm::Error error = Editor(*model).run(products))
    return std::move(error);
  std::string bytes;
  if (!model->proto->SerializeToString(&bytes))
    return fail("'" + path + "' is too large for one file");
  return bytes;
}
