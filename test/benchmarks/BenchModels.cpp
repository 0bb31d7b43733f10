//===----------------------------------------------------------------------===//
// Writes ONNX models of single operators, and of short chains of one, with
// random weights: the work that decides how fast whole models are.
//
//   nnc-bench-models FOLDER [NAME...]
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include <onnx/onnx_pb.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

using Shape = std::vector<int64_t>;

namespace {

/// A graph of nodes in a row.
class Model {
public:
  Model() {
    proto.set_ir_version(8);
    onnx::OperatorSetIdProto &opset = *proto.add_opset_import();
    opset.set_domain("");
    opset.set_version(17);
    proto.mutable_graph()->set_name("bench");
  }

  std::string input(const std::string &name, const Shape &shape,
                    int32_t type = onnx::TensorProto::FLOAT);
  void output(const std::string &name, int32_t type = onnx::TensorProto::FLOAT);

  /// Random numbers of variance 1 / `fan`, so that chains keep their scale.
  std::string weight(const Shape &shape, int64_t fan);
  /// Random bytes.
  std::string bytes(const Shape &shape, int32_t type);
  std::string scalar(float value);
  std::string zeroPoint(int32_t type, int value);

  /// Adds a node and returns the name of its result.
  std::string node(const std::string &op,
                   const std::vector<std::string> &inputs);
  void ints(const std::string &name, const Shape &values);
  void number(const std::string &name, int64_t value);

  onnx::ModelProto proto;

private:
  onnx::TensorProto &initializer(const Shape &shape, int32_t type);
  onnx::AttributeProto &attribute(const std::string &name);
  uint64_t random();

  uint64_t state = 1;
  int count = 0;
};

} // namespace

uint64_t Model::random() {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return state >> 32;
}

static int64_t countElements(const Shape &shape) {
  int64_t count = 1;
  for (int64_t dim : shape)
    count *= dim;
  return count;
}

std::string Model::input(const std::string &name, const Shape &shape,
                         int32_t type) {
  onnx::ValueInfoProto &info = *proto.mutable_graph()->add_input();
  info.set_name(name);
  auto &tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  for (int64_t dim : shape)
    tensor.mutable_shape()->add_dim()->set_dim_value(dim);
  return name;
}

void Model::output(const std::string &name, int32_t type) {
  onnx::ValueInfoProto &info = *proto.mutable_graph()->add_output();
  info.set_name(name);
  info.mutable_type()->mutable_tensor_type()->set_elem_type(type);
}

onnx::TensorProto &Model::initializer(const Shape &shape, int32_t type) {
  onnx::TensorProto &tensor = *proto.mutable_graph()->add_initializer();
  tensor.set_name("w" + std::to_string(count++));
  tensor.set_data_type(type);
  for (int64_t dim : shape)
    tensor.add_dims(dim);
  return tensor;
}

std::string Model::weight(const Shape &shape, int64_t fan) {
  onnx::TensorProto &tensor = initializer(shape, onnx::TensorProto::FLOAT);
  std::vector<float> values(size_t(countElements(shape)));
  // Uniform numbers within one have a variance of 1/3.
  double scale = std::sqrt(3.0 / double(fan));
  for (float &value : values)
    value = float((double(random()) * 0x1p-31 - 1) * scale);
  tensor.set_raw_data(values.data(), values.size() * sizeof(float));
  return tensor.name();
}

std::string Model::bytes(const Shape &shape, int32_t type) {
  onnx::TensorProto &tensor = initializer(shape, type);
  std::string values(size_t(countElements(shape)), 0);
  for (char &value : values)
    value = char(random() >> 8);
  tensor.set_raw_data(values);
  return tensor.name();
}

std::string Model::scalar(float value) {
  onnx::TensorProto &tensor = initializer({}, onnx::TensorProto::FLOAT);
  tensor.add_float_data(value);
  return tensor.name();
}

std::string Model::zeroPoint(int32_t type, int value) {
  onnx::TensorProto &tensor = initializer({}, type);
  tensor.add_int32_data(value);
  return tensor.name();
}

std::string Model::node(const std::string &op,
                        const std::vector<std::string> &inputs) {
  onnx::NodeProto &made = *proto.mutable_graph()->add_node();
  std::string result = "t" + std::to_string(count++);
  made.set_op_type(op);
  made.set_name(op + "_" + result);
  for (const std::string &input : inputs)
    made.add_input(input);
  made.add_output(result);
  return result;
}

onnx::AttributeProto &Model::attribute(const std::string &name) {
  onnx::GraphProto &graph = *proto.mutable_graph();
  onnx::NodeProto &last = *graph.mutable_node(graph.node_size() - 1);
  onnx::AttributeProto &made = *last.add_attribute();
  made.set_name(name);
  return made;
}

void Model::ints(const std::string &name, const Shape &values) {
  onnx::AttributeProto &made = attribute(name);
  made.set_type(onnx::AttributeProto::INTS);
  for (int64_t value : values)
    made.add_ints(value);
}

void Model::number(const std::string &name, int64_t value) {
  onnx::AttributeProto &made = attribute(name);
  made.set_type(onnx::AttributeProto::INT);
  made.set_i(value);
}

//===----------------------------------------------------------------------===//
// The operators
//===----------------------------------------------------------------------===//

static void buildMatMul(Model &m, int64_t rows, int64_t depth,
                        int64_t columns) {
  std::string x = m.input("x", {rows, depth});
  m.output(m.node("MatMul", {x, m.weight({depth, columns}, depth)}));
}

/// x / 2 * (1 + erf(x / sqrt(2))), as exporters write it.
static std::string addGelu(Model &m, const std::string &x) {
  std::string inner = m.node("Div", {x, m.scalar(1.41421356f)});
  std::string sum = m.node("Add", {m.node("Erf", {inner}), m.scalar(1)});
  return m.node("Mul", {m.node("Mul", {x, sum}), m.scalar(0.5f)});
}

static void buildFeedForward(Model &m) {
  std::string x = m.input("x", {128, 768});
  std::string y = m.node("MatMul", {x, m.weight({768, 3072}, 768)});
  m.output(addGelu(m, m.node("Add", {y, m.weight({3072}, 100)})));
}

/// Of two activations, a batch of heads.
static void buildAttention(Model &m, int64_t rows, int64_t depth,
                           int64_t columns) {
  std::string x = m.input("x", {1, 12, rows, depth});
  std::string y = m.input("y", {1, 12, depth, columns});
  m.output(m.node("MatMul", {x, y}));
}

namespace {
/// A square convolution on a square image, `repeat` of them in a row.
struct Window {
  int64_t channels, filters, size, kernel = 3, stride = 1, repeat = 1;
  bool isDepthwise = false;
};
} // namespace

static void buildConv(Model &m, const Window &w) {
  std::string x = m.input("x", {1, w.channels, w.size, w.size});
  int64_t depth = w.isDepthwise ? 1 : w.channels;
  for (int64_t i = 0; i < w.repeat; ++i) {
    std::string filter = m.weight({w.filters, depth, w.kernel, w.kernel},
                                  depth * w.kernel * w.kernel / 2);
    x = m.node("Conv", {x, filter, m.weight({w.filters}, 100)});
    int64_t pad = w.kernel / 2;
    m.ints("pads", {pad, pad, pad, pad});
    m.ints("strides", {w.stride, w.stride});
    m.number("group", w.isDepthwise ? w.channels : 1);
    x = m.node("Relu", {x});
  }
  m.output(x);
}

static void buildUnary(Model &m, const std::string &op) {
  m.output(m.node(op, {m.input("x", {128, 3072})}));
}

static void buildGelu(Model &m) {
  m.output(addGelu(m, m.input("x", {128, 3072})));
}

static void buildAdd(Model &m) {
  std::string x = m.input("x", {128, 3072});
  m.output(m.node("Add", {x, m.input("y", {128, 3072})}));
}

static void buildSoftmax(Model &m) {
  m.output(m.node("Softmax", {m.input("x", {1536, 128})}));
  m.number("axis", -1);
}

static void buildLayerNorm(Model &m) {
  std::string x = m.input("x", {128, 768});
  m.output(m.node("LayerNormalization",
                  {x, m.weight({768}, 1), m.weight({768}, 1)}));
  m.number("axis", -1);
}

static void buildTranspose(Model &m) {
  m.output(m.node("Transpose", {m.input("x", {1024, 1024})}));
  m.ints("perm", {1, 0});
}

static constexpr int32_t u8 = onnx::TensorProto::UINT8;
static constexpr int32_t s8 = onnx::TensorProto::INT8;

static void buildMatMulInteger(Model &m, int64_t rows, int64_t depth,
                               int64_t columns) {
  std::string x = m.input("x", {rows, depth}, u8);
  m.output(m.node("MatMulInteger", {x, m.bytes({depth, columns}, s8),
                                    m.zeroPoint(u8, 121), m.zeroPoint(s8, 0)}),
           onnx::TensorProto::INT32);
}

static void buildQuantizedMatMul(Model &m, int64_t rows, int64_t depth,
                                 int64_t columns) {
  std::string x = m.input("x", {rows, depth}, u8);
  m.output(m.node("QLinearMatMul",
                  {x, m.scalar(0.02f), m.zeroPoint(u8, 121),
                   m.bytes({depth, columns}, s8), m.scalar(0.01f),
                   m.zeroPoint(s8, 0), m.scalar(0.5f), m.zeroPoint(u8, 128)}),
           u8);
}

static void buildQuantizedConv(Model &m, int64_t channels, int64_t size) {
  std::string x = m.input("x", {1, channels, size, size}, u8);
  for (int i = 0; i < 8; ++i) {
    x = m.node("QLinearConv",
               {x, m.scalar(0.02f), m.zeroPoint(u8, 121),
                m.bytes({channels, channels, 3, 3}, s8), m.scalar(0.01f),
                m.zeroPoint(s8, 0), m.scalar(0.5f), m.zeroPoint(u8, 121)});
    m.ints("pads", {1, 1, 1, 1});
  }
  m.output(x, u8);
}

//===----------------------------------------------------------------------===//
// The list
//===----------------------------------------------------------------------===//

namespace {
struct Entry {
  std::string name;
  std::function<void(Model &)> build;
};
} // namespace

static void listMatMuls(std::vector<Entry> &list) {
  struct Size {
    const char *name;
    int64_t rows, depth, columns;
  };
  for (const Size &s :
       std::initializer_list<Size>{{"matmul_128", 128, 128, 128},
                                   {"matmul_256", 256, 256, 256},
                                   {"matmul_512", 512, 512, 512},
                                   {"matmul_1024", 1024, 1024, 1024},
                                   {"matmul_bert_proj", 128, 768, 768},
                                   {"matmul_bert_ff1", 128, 768, 3072},
                                   {"matmul_bert_ff2", 128, 3072, 768},
                                   {"gemv_4096", 1, 4096, 4096},
                                   {"gemv_8192", 1, 8192, 8192}})
    list.push_back({s.name, [s](Model &m) {
                      buildMatMul(m, s.rows, s.depth, s.columns);
                    }});
  list.push_back({"matmul_bert_ff1_gelu", buildFeedForward});
  list.push_back(
      {"attention_qk", [](Model &m) { buildAttention(m, 128, 64, 128); }});
  list.push_back(
      {"attention_pv", [](Model &m) { buildAttention(m, 128, 128, 64); }});
  for (const Size &s :
       std::initializer_list<Size>{{"512", 512, 512, 512},
                                   {"bert_proj", 128, 768, 768},
                                   {"bert_ff1", 128, 768, 3072}}) {
    list.push_back({std::string("int8_matmul_") + s.name, [s](Model &m) {
                      buildMatMulInteger(m, s.rows, s.depth, s.columns);
                    }});
    list.push_back({std::string("int8_qlinear_") + s.name, [s](Model &m) {
                      buildQuantizedMatMul(m, s.rows, s.depth, s.columns);
                    }});
  }
  list.push_back({"int8_gemv_4096",
                  [](Model &m) { buildMatMulInteger(m, 1, 4096, 4096); }});
}

static void listConvs(std::vector<Entry> &list) {
  auto add = [&](const std::string &name, Window window) {
    list.push_back({name, [window](Model &m) { buildConv(m, window); }});
  };
  add("conv7x7s2_3_64_224", {3, 64, 224, 7, 2});
  const int64_t pointwise[][3] = {
      {64, 256, 56},   {256, 64, 56},   {512, 128, 28}, {128, 512, 28},
      {1024, 256, 14}, {256, 1024, 14}, {2048, 512, 7}, {512, 2048, 7}};
  for (auto [from, to, size] : pointwise)
    add("conv1x1_" + std::to_string(from) + "_" + std::to_string(to) + "_" +
            std::to_string(size),
        {from, to, size, 1});
  const int64_t square[][2] = {{64, 56}, {128, 28}, {256, 14}, {512, 7}};
  for (auto [channels, size] : square)
    add("conv3x3_" + std::to_string(channels) + "_" + std::to_string(size) +
            "_x8",
        {channels, channels, size, 3, 1, 8});
  add("conv3x3s2_128_56", {128, 128, 56, 3, 2});
  const int64_t depthwise[][2] = {
      {32, 112}, {144, 56}, {192, 28}, {384, 14}, {960, 7}};
  for (auto [channels, size] : depthwise)
    add("depthwise3x3_" + std::to_string(channels) + "_" +
            std::to_string(size) + "_x8",
        {channels, channels, size, 3, 1, 8, true});
  for (auto [channels, size] : square)
    if (size != 28 && size != 7)
      list.push_back({"int8_conv3x3_" + std::to_string(channels) + "_" +
                          std::to_string(size) + "_x8",
                      [c = channels, s = size](Model &m) {
                        buildQuantizedConv(m, c, s);
                      }});
}

static void listElementwise(std::vector<Entry> &list) {
  const std::pair<const char *, const char *> functions[] = {
      {"exp", "Exp"}, {"tanh", "Tanh"},       {"erf", "Erf"},
      {"log", "Log"}, {"sigmoid", "Sigmoid"}, {"relu", "Relu"}};
  for (auto [name, op] : functions)
    list.push_back(
        {name, [op = std::string(op)](Model &m) { buildUnary(m, op); }});
  list.push_back({"gelu", buildGelu});
  list.push_back({"add", buildAdd});
  list.push_back({"softmax", buildSoftmax});
  list.push_back({"layernorm", buildLayerNorm});
  list.push_back({"transpose_1024", buildTranspose});
}

static bool writeModel(const std::string &folder, const Entry &entry) {
  Model model;
  entry.build(model);
  std::string path = folder + "/" + entry.name + ".onnx";
  std::ofstream file(path, std::ios::binary);
  if (model.proto.SerializeToOstream(&file) && file.flush())
    return true;
  std::fprintf(stderr, "error: cannot write '%s'\n", path.c_str());
  return false;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: nnc-bench-models FOLDER [NAME...]\n");
    return 2;
  }
  std::vector<Entry> list;
  listMatMuls(list);
  listConvs(list);
  listElementwise(list);
  std::vector<std::string> wanted(argv + 2, argv + argc);
  size_t written = 0;
  for (const Entry &entry : list) {
    bool isWanted = wanted.empty();
    for (const std::string &name : wanted)
      isWanted |= name == entry.name;
    if (isWanted && !writeModel(argv[1], entry))
      return 3;
    written += isWanted;
  }
  if (!wanted.empty() && written < wanted.size()) {
    std::fprintf(stderr, "error: unknown names; known are");
    for (const Entry &entry : list)
      std::fprintf(stderr, " %s", entry.name.c_str());
    std::fprintf(stderr, "\n");
    return 2;
  }
  return 0;
}
