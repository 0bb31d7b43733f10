//===----------------------------------------------------------------------===//
// Which products to leave as they are.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/MixedPrecision.h"

#include "nnc/Compression/Knapsack.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::nnc;

/// Losses may be tiny.
static std::string format(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4g", number);
  return text;
}

namespace {
/// A product that can be quantized.
struct Candidate {
  const QuantizedLayer *plan;
  double noise, savedUs, savedBytes;
};

class Chooser {
public:
  Chooser(ArrayRef<QuantizedLayer> plans,
          ArrayRef<LayerSensitivity> sensitivities,
          const MixedPrecisionGoal &goal, std::string &why);

  llvm::Expected<std::optional<llvm::StringSet<>>> run();

private:
  using Choice = std::vector<bool>;
  bool fill(double need, double Candidate::*saved, StringRef what,
            Choice &quantized);
  llvm::StringSet<> listKept(const Choice &quantized) const;
  llvm::Expected<bool> giveBack(Choice &quantized);
  double sum(const Choice &quantized, double Candidate::*saved) const;

  std::vector<Candidate> candidates;
  const MixedPrecisionGoal &goal;
  std::string &why;
};
} // namespace

Chooser::Chooser(ArrayRef<QuantizedLayer> plans,
                 ArrayRef<LayerSensitivity> sensitivities,
                 const MixedPrecisionGoal &goal, std::string &why)
    : goal(goal), why(why) {
  llvm::StringMap<double> noise;
  for (const LayerSensitivity &layer : sensitivities)
    noise[layer.name] = layer.noise;
  for (const QuantizedLayer &plan : plans)
    if (plan.isQuantized)
      candidates.push_back({&plan, noise.lookup(plan.name),
                            std::max(plan.floatUs - plan.quantizedUs, 0.0),
                            double(plan.floatBytes - plan.quantizedBytes)});
}

double Chooser::sum(const Choice &quantized, double Candidate::*saved) const {
  double total = 0;
  for (size_t i = 0; i < candidates.size(); ++i)
    if (quantized[i])
      total += candidates[i].*saved;
  return total;
}

/// Quantizes more, those that lose least, until `need` is saved.
bool Chooser::fill(double need, double Candidate::*saved, StringRef what,
                   Choice &quantized) {
  double rest = need - sum(quantized, saved);
  if (rest <= 0)
    return true;
  std::vector<KnapsackItem> items;
  for (size_t i = 0; i < candidates.size(); ++i)
    items.push_back(
        {quantized[i] ? 0 : candidates[i].*saved, candidates[i].noise});
  std::optional<std::vector<size_t>> chosen = chooseLeastLoss(items, rest);
  if (!chosen) {
    why = llvm::formatv("all products together save {0:F1} of the {1:F1} {2} "
                        "that are needed",
                        sum(Choice(candidates.size(), true), saved), need, what)
              .str();
    return false;
  }
  for (size_t i : *chosen)
    quantized[i] = true;
  return true;
}

llvm::StringSet<> Chooser::listKept(const Choice &quantized) const {
  llvm::StringSet<> kept;
  for (size_t i = 0; i < candidates.size(); ++i)
    if (!quantized[i])
      kept.insert(candidates[i].plan->name);
  return kept;
}

/// Leaves as few products as they are as the limit of the loss takes: in the
/// order of noise a microsecond, their number by bisection, each choice judged
/// as a whole. False if even the one that would remain loses too much.
llvm::Expected<bool> Chooser::giveBack(Choice &quantized) {
  std::vector<size_t> order;
  for (size_t i = 0; i < candidates.size(); ++i)
    if (quantized[i])
      order.push_back(i);
  auto price = [&](size_t i) {
    return candidates[i].noise / std::max(candidates[i].savedUs, 1e-3);
  };
  llvm::sort(order, [&](size_t a, size_t b) {
    return std::pair(-price(a), a) < std::pair(-price(b), b);
  });
  auto without = [&](size_t count) {
    Choice choice = quantized;
    for (size_t i = 0; i < count; ++i)
      choice[order[i]] = false;
    return choice;
  };
  double last = 0;
  auto fits = [&](size_t count) -> llvm::Expected<bool> {
    llvm::Expected<double> loss = goal.judge(listKept(without(count)));
    if (!loss)
      return loss.takeError();
    last = *loss;
    return *loss <= *goal.maxLoss;
  };
  // The whole choice is often good.
  llvm::Expected<bool> isGood = fits(0);
  if (!isGood)
    return isGood.takeError();
  size_t low = *isGood ? 0 : 1, high = *isGood ? 0 : order.size();
  while (low < high) {
    size_t middle = (low + high) / 2;
    llvm::Expected<bool> isEnough = fits(middle);
    if (!isEnough)
      return isEnough.takeError();
    (*isEnough ? high : low) = *isEnough ? middle : middle + 1;
  }
  quantized = without(low);
  if (low < order.size())
    return true;
  why = llvm::formatv("even {0} alone loses {1} where {2} is allowed",
                      order.empty()
                          ? "nothing"
                          : "'" + candidates[order.back()].plan->name + "'",
                      format(last), format(*goal.maxLoss))
            .str();
  return false;
}

llvm::Expected<std::optional<llvm::StringSet<>>> Chooser::run() {
  using Answer = std::optional<llvm::StringSet<>>;
  if (candidates.empty()) {
    why = "no product is predicted to be faster";
    return Answer();
  }
  bool hasNeeds = goal.neededUs > 0 || goal.neededBytes > 0;
  Choice quantized(candidates.size(), !hasNeeds);
  if (!fill(goal.neededUs, &Candidate::savedUs, "microseconds", quantized) ||
      !fill(goal.neededBytes, &Candidate::savedBytes, "bytes", quantized))
    return Answer();
  if (!goal.maxLoss)
    return Answer(listKept(quantized));
  if (!hasNeeds) {
    llvm::Expected<bool> isDone = giveBack(quantized);
    if (!isDone)
      return isDone.takeError();
    return *isDone ? Answer(listKept(quantized)) : Answer();
  }
  llvm::Expected<double> loss = goal.judge(listKept(quantized));
  if (!loss)
    return loss.takeError();
  if (*loss <= *goal.maxLoss)
    return Answer(listKept(quantized));
  why = llvm::formatv("the choice of products that saves enough and loses "
                      "least loses {0} where {1} is allowed",
                      format(*loss), format(*goal.maxLoss))
            .str();
  return Answer();
}

llvm::Expected<std::optional<llvm::StringSet<>>>
mlir::nnc::chooseKept(ArrayRef<QuantizedLayer> plans,
                      ArrayRef<LayerSensitivity> sensitivities,
                      const MixedPrecisionGoal &goal, std::string &why) {
  return Chooser(plans, sensitivities, goal, why).run();
}
