//===----------------------------------------------------------------------===//
// What passes say that they have done, or not.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "RemarkLog.h"

#include "mlir/IR/Location.h"
#include "mlir/IR/Remarks.h"
#include "nnc/Analysis/NodeNames.h"

#include <mutex>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

namespace {
struct Entry {
  std::string pass, name, outcome;
  std::vector<std::string> nodes;
  std::string text;
  std::vector<std::pair<std::string, std::string>> metrics;

  auto key() const {
    return std::tie(pass, nodes, name, outcome, text, metrics);
  }
};
} // namespace

struct RemarkLog::State {
  std::mutex mutex;
  bool isOn = true;
  std::vector<Entry> entries;
};

static const char *outcomeName(const remark::detail::Remark &remark) {
  switch (remark.getRemarkType()) {
  case llvm::remarks::Type::Passed:
    return "applied";
  case llvm::remarks::Type::Missed:
    return "declined";
  case llvm::remarks::Type::Failure:
    return "failed";
  default:
    return "analysis";
  }
}

static Entry describe(const remark::detail::Remark &remark) {
  Entry entry;
  entry.pass = remark.getCategoryName().str();
  entry.name = remark.getRemarkName().str();
  entry.outcome = outcomeName(remark);
  for (StringRef node : getNodeNames(remark.getLocation()))
    entry.nodes.push_back(node.str());
  for (const remark::detail::Remark::Arg &argument : remark.getArgs())
    if (argument.key == "Remark")
      entry.text += argument.val;
    else
      entry.metrics.emplace_back(argument.key, argument.val);
  return entry;
}

namespace {
/// Passes run on several threads.
template <typename State>
class Collector : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit Collector(std::shared_ptr<State> state) : state(std::move(state)) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    Entry entry = describe(remark);
    std::lock_guard<std::mutex> lock(state->mutex);
    if (state->isOn)
      state->entries.push_back(std::move(entry));
  }

private:
  std::shared_ptr<State> state;
};
} // namespace

RemarkLog::RemarkLog() : state(std::make_shared<State>()) {}
RemarkLog::~RemarkLog() { stop(); }

LogicalResult RemarkLog::attach(MLIRContext &context) {
  // A pattern for all categories only extends those of single ones.
  remark::RemarkCategories categories;
  categories.passed = categories.missed = categories.analysis =
      categories.failed = ".*";
  return remark::enableOptimizationRemarks(
      context, std::make_unique<Collector<State>>(state),
      std::make_unique<remark::RemarkEmittingPolicyAll>(), categories);
}

void RemarkLog::stop() {
  std::lock_guard<std::mutex> lock(state->mutex);
  state->isOn = false;
}

llvm::json::Array RemarkLog::toJson() const {
  std::lock_guard<std::mutex> lock(state->mutex);
  std::vector<Entry> sorted = state->entries;
  llvm::sort(sorted,
             [](const Entry &a, const Entry &b) { return a.key() < b.key(); });
  llvm::json::Array remarks;
  for (const Entry &entry : sorted) {
    llvm::json::Array nodes;
    for (const std::string &node : entry.nodes)
      nodes.push_back(llvm::json::fixUTF8(node));
    llvm::json::Object metrics;
    for (const auto &[key, value] : entry.metrics)
      metrics[llvm::json::fixUTF8(key)] = llvm::json::fixUTF8(value);
    remarks.push_back(
        llvm::json::Object{{"pass", entry.pass},
                           {"name", entry.name},
                           {"outcome", entry.outcome},
                           {"nodes", std::move(nodes)},
                           {"text", llvm::json::fixUTF8(entry.text)},
                           {"metrics", std::move(metrics)}});
  }
  return remarks;
}
