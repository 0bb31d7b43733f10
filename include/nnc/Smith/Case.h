//===----------------------------------------------------------------------===//
// One random ONNX node, or a small graph of them, with inputs to run it on,
// made from a seed.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_SMITH_CASE_H
#define NNC_SMITH_CASE_H

#include "nnc/DataIO/Tensor.h"

#include <onnx/onnx_pb.h>
#include <optional>
#include <string>
#include <vector>

namespace nncsmith {

using nncio::ElementType;
using nncio::Tensor;
using Shape = std::vector<int64_t>;

/// Numbers that depend on the seed alone, whatever machine and library.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}

  uint64_t next();
  /// Within [low, high].
  int64_t between(int64_t low, int64_t high);
  double real(double low, double high);
  bool chance(double probability) { return real(0, 1) < probability; }
  template <typename T>
  T pick(std::initializer_list<T> list) {
    return list.begin()[between(0, int64_t(list.size()) - 1)];
  }
  template <typename T>
  const T &pick(const std::vector<T> &list) {
    return list[between(0, int64_t(list.size()) - 1)];
  }

private:
  uint64_t state;
};

/// What floats a tensor holds.
enum class Floats {
  Plain,    ///< From -4 to 4; whole quarters at times, so that there are ties.
  Positive, ///< From 0.1 to 4.
  Unit,     ///< From -1 to 1.
  Special   ///< Plain with NaN, infinities, zeros of both signs, tiny and huge.
};

struct CaseInput {
  Tensor value;
  /// An initializer; else an input of the model.
  bool isConstant = false;
  /// What the node computes on, rather than what says how.
  bool isData = false;
  /// Dimensions that the model leaves free.
  std::vector<bool> free;
};

/// A node being made. Members draw from `random`, so the order of calls counts.
class Case {
public:
  /// The case that `seed` gives, empty yet.
  explicit Case(uint64_t seed);

  Random random;
  onnx::NodeProto node;
  /// If not empty, the nodes of the case, and `node` only tells what they are.
  /// Input j of the case is "x<j>" to them.
  std::vector<onnx::NodeProto> graph;
  /// What of the graph the outputs are.
  std::vector<std::string> results;
  /// nullopt where the node leaves an input out.
  std::vector<std::optional<CaseInput>> inputs;
  int64_t opset;
  unsigned numOutputs = 1;
  /// What the tolerance of the outputs' type is multiplied by.
  double looseness = 1;
  /// The float type that most nodes shall have.
  std::optional<ElementType> preferredFloat;

  /// ---- the node ----
  void op(const std::string &name, const std::string &domain = "");
  void attr(const std::string &name, int64_t value);
  void attr(const std::string &name, double value);
  void attr(const std::string &name, const std::string &value);
  void attr(const std::string &name, const Shape &values);
  void attr(const std::string &name, const std::vector<std::string> &values);

  /// ---- inputs ----
  /// Data: an input of the model, some of whose dimensions may be free, or at
  /// times a constant.
  void data(Tensor value);
  /// What most models hold as a constant.
  void constant(Tensor value);
  void ints(const Shape &values) {
    constant(
        Tensor::fromInts(ElementType::I64, {int64_t(values.size())}, values));
  }
  void absent() { inputs.emplace_back(); }

  /// ---- random parts ----
  ElementType floatType();
  int64_t dim();
  /// At most `maxElements` elements.
  Shape shape(int64_t minRank, int64_t maxRank, int64_t maxElements = 1500);
  Tensor tensor(ElementType type, const Shape &shape,
                Floats floats = Floats::Plain);
  /// Whole numbers within [low, high].
  Tensor whole(ElementType type, const Shape &shape, int64_t low, int64_t high);
  /// An axis of `rank`, counted from the front or from the back; 0 for rank 0.
  int64_t axis(int64_t rank);
  /// A subset of the axes without order, each counted from the front.
  Shape axes(int64_t rank, double probability);
  /// The axes with some counted from the back.
  Shape someNegative(Shape axes, int64_t rank);
  /// A shape that broadcasts with `shape`.
  Shape broadcastable(const Shape &shape);

private:
  double dynamicProbability;
  Floats plainStyle;
};

/// Cases as one model: case i has node "c<i>", inputs "c<i>_x<j>" and outputs
/// "c<i>_y<j>". All must have the same opset.
struct CaseModel {
  onnx::ModelProto proto;
  /// Of the model's inputs, in order.
  std::vector<Tensor> inputs;
  /// The case that each output of the model belongs to.
  std::vector<size_t> owners;
};
CaseModel makeModel(const std::vector<const Case *> &cases);

/// A group of operators.
struct Family {
  const char *name;
  void (*make)(Case &);
};
const std::vector<Family> &getFamilies();

/// One function a family.
void makeUnary(Case &c);
void makeBinary(Case &c);
void makeTernary(Case &c);
void makeActivation(Case &c);
void makeCast(Case &c);
void makeReduction(Case &c);
void makeScan(Case &c);
void makeNormalization(Case &c);
void makeMatMul(Case &c);
void makeEinsum(Case &c);
void makeConv(Case &c);
void makeConvTranspose(Case &c);
void makePool(Case &c);
void makeMovement(Case &c);
void makePad(Case &c);
void makeGather(Case &c);
void makeScatter(Case &c);
void makeSelection(Case &c);
void makeResize(Case &c);
void makeSampling(Case &c);
void makeQuantized(Case &c);
void makeRecurrent(Case &c);
void makeSignal(Case &c);
void makeGraph(Case &c);

} // namespace nncsmith

#endif // NNC_SMITH_CASE_H
