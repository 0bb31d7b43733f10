//===----------------------------------------------------------------------===//
// Recurrent layers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Case.h"

using namespace nncsmith;

void nncsmith::makeRecurrent(Case &c) {
  Random &random = c.random;
  c.looseness = 50;
  std::string name = random.pick<const char *>({"RNN", "GRU", "LSTM"});
  bool isLstm = name == "LSTM";
  int64_t gates = name == "RNN" ? 1 : name == "GRU" ? 3 : 4;
  c.op(name);
  std::string direction =
      random.pick<const char *>({"forward", "reverse", "bidirectional"});
  int64_t directions = direction == "bidirectional" ? 2 : 1;
  int64_t steps = random.chance(0.05) ? 0 : random.between(1, 5);
  int64_t batch = random.between(1, 3), width = random.between(1, 4);
  int64_t hidden = random.between(1, 5);
  bool batchFirst = c.opset >= 14 && random.chance(0.3);
  c.attr("hidden_size", hidden);
  c.attr("direction", direction);
  if (batchFirst)
    c.attr("layout", int64_t(1));
  if (random.chance(0.3))
    c.attr("clip", 0.5);
  if (name == "GRU")
    c.attr("linear_before_reset", random.between(0, 1));
  if (random.chance(0.3)) {
    std::vector<std::string> functions;
    int64_t count = (isLstm ? 3 : gates == 3 ? 2 : 1) * directions;
    for (int64_t i = 0; i < count; ++i)
      functions.push_back(random.pick<const char *>(
          {"Tanh", "Sigmoid", "Relu", "Softsign", "HardSigmoid"}));
    c.attr("activations", functions);
  }
  ElementType type = random.pick(
      {ElementType::F32, ElementType::F32, ElementType::F64, ElementType::F16});
  auto weights = [&](Shape shape) {
    c.constant(c.tensor(type, shape, Floats::Unit));
  };
  c.data(c.tensor(type, batchFirst ? Shape{batch, steps, width}
                                   : Shape{steps, batch, width}));
  weights({directions, gates * hidden, width});
  weights({directions, gates * hidden, hidden});
  auto optional = [&](double probability, Tensor tensor) {
    if (random.chance(probability))
      c.data(std::move(tensor));
    else
      c.absent();
  };
  optional(0.6, c.tensor(type, {directions, 2 * gates * hidden}, Floats::Unit));
  optional(0.3, c.whole(ElementType::I32, {batch}, 0, steps));
  Shape state = batchFirst ? Shape{batch, directions, hidden}
                           : Shape{directions, batch, hidden};
  optional(0.5, c.tensor(type, state, Floats::Unit));
  if (isLstm) {
    optional(0.5, c.tensor(type, state, Floats::Unit));
    optional(0.4, c.tensor(type, {directions, 3 * hidden}, Floats::Unit));
  }
  c.numOutputs = isLstm ? 3 : 2;
}
