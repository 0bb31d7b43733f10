//===----------------------------------------------------------------------===//
// What a report shows of a compiled model.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ReportData.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "nnc/Analysis/ScheduleLifetimes.h"
#include "nnc/CostModel/AnnotatedCosts.h"
#include "nnc/Reference/Interpreter.h"
#include "llvm/Support/MemoryBuffer.h"

#include <deque>
#include <map>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;
namespace json = llvm::json;

/// "1x?x8xf32"; another type as MLIR writes it.
static std::string shapeText(Type type) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor) {
    stream << type;
    return text;
  }
  for (int64_t size : tensor.getShape())
    if (ShapedType::isDynamic(size))
      stream << "?x";
    else
      stream << size << "x";
  stream << tensor.getElementType();
  return text;
}

/// Bytes of a tensor; null where a dimension is not known.
static json::Value bytesOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.hasStaticShape() ||
      !tensor.getElementType().isIntOrFloat())
    return nullptr;
  return (tensor.getNumElements() * tensor.getElementTypeBitWidth() + 7) / 8;
}

template <typename T>
static json::Value knownOrNull(T value) {
  return value < 0 ? json::Value(nullptr) : json::Value(value);
}

static json::Array toArray(ArrayRef<std::string> texts) {
  json::Array array;
  for (const std::string &text : texts)
    array.push_back(json::fixUTF8(text));
  return array;
}

namespace {
/// Kernels by number, and where values come from.
class ScheduleWriter {
public:
  explicit ScheduleWriter(func::FuncOp entry) : entry(entry), lifetimes(entry) {
    for (auto [i, kernel] : llvm::enumerate(lifetimes.getKernels()))
      numbers[kernel] = int64_t(i);
  }

  json::Array listKernels(const AnnotatedCosts &costs);
  json::Array listSlots();
  json::Array listInputs(const nncrun::Signature &signature);
  json::Array listOutputs(const nncrun::Signature &signature);

private:
  /// Kernels and inputs that `value` is made of, through views, branches and
  /// loops: {"kernel": 3} or {"input": 0}.
  void findSources(Value value, SmallPtrSetImpl<void *> &seen,
                   std::vector<std::pair<StringRef, int64_t>> &sources);
  json::Array describeReads(nn::KernelOp kernel, int64_t &weightBytes);

  func::FuncOp entry;
  ScheduleLifetimes lifetimes;
  DenseMap<Operation *, int64_t> numbers;
};
} // namespace

void ScheduleWriter::findSources(
    Value value, SmallPtrSetImpl<void *> &seen,
    std::vector<std::pair<StringRef, int64_t>> &sources) {
  SmallVector<Value> work{value};
  while (!work.empty()) {
    Value next = work.pop_back_val();
    if (!seen.insert(next.getAsOpaquePointer()).second)
      continue;
    if (auto argument = dyn_cast<BlockArgument>(next)) {
      Operation *owner = argument.getOwner()->getParentOp();
      if (owner == entry)
        sources.emplace_back("input", argument.getArgNumber());
      else if (auto loop = dyn_cast<LoopLikeOpInterface>(owner))
        llvm::append_range(work, loop.getInits());
      continue;
    }
    Operation *op = next.getDefiningOp();
    if (auto found = numbers.find(op); found != numbers.end()) {
      sources.emplace_back("kernel", found->second);
      continue;
    }
    llvm::append_range(work, op->getOperands());
    for (Region &region : op->getRegions())
      for (Block &block : region)
        llvm::append_range(work, block.getTerminator()->getOperands());
  }
}

json::Array ScheduleWriter::describeReads(nn::KernelOp kernel,
                                          int64_t &weightBytes) {
  json::Array reads;
  for (Value input : kernel.getInputs()) {
    if (!isa<ShapedType>(input.getType()))
      continue;
    Operation *op = input.getDefiningOp();
    if (op &&
        (isa<nn::WeightOp>(op) || op->hasTrait<OpTrait::ConstantLike>())) {
      weightBytes += bytesOf(input.getType()).getAsInteger().value_or(0);
      continue;
    }
    SmallPtrSet<void *, 8> seen;
    std::vector<std::pair<StringRef, int64_t>> sources;
    findSources(input, seen, sources);
    for (const auto &[kind, number] : sources)
      reads.push_back(
          json::Object{{kind, number}, {"type", shapeText(input.getType())}});
  }
  return reads;
}

json::Array ScheduleWriter::listKernels(const AnnotatedCosts &costs) {
  json::Array kernels;
  for (auto [i, row] : llvm::enumerate(costs.rows)) {
    nn::KernelOp kernel = costs.kernels[i];
    if (!numbers.contains(kernel))
      continue;
    std::vector<std::string> ops, results;
    for (Operation &op : kernel.getBody().front()) {
      std::string name = op.getName().getStringRef().str();
      if (isa<nn::NNDialect>(op.getDialect())
              ? op.hasTrait<OpTrait::ConstantLike>() || isa<nn::YieldOp>(op)
              : !StringRef(name).starts_with("kern."))
        continue;
      if (!llvm::is_contained(ops, name))
        ops.push_back(name);
    }
    for (Type type : kernel.getResultTypes())
      results.push_back(shapeText(type));
    int64_t weightBytes = 0;
    json::Array reads = describeReads(kernel, weightBytes);
    kernels.push_back(json::Object{{"name", json::fixUTF8(row.name)},
                                   {"nodes", toArray(row.nodes)},
                                   {"ops", toArray(ops)},
                                   {"results", toArray(results)},
                                   {"reads", std::move(reads)},
                                   {"weight_bytes", weightBytes},
                                   {"predicted_us", knownOrNull(row.us)},
                                   {"lo_us", knownOrNull(row.lowUs)},
                                   {"hi_us", knownOrNull(row.highUs)},
                                   {"flops", knownOrNull(row.flops)},
                                   {"bytes", knownOrNull(row.bytes)},
                                   {"bound", row.bound}});
  }
  return kernels;
}

json::Array ScheduleWriter::listSlots() {
  json::Array slots;
  for (auto [number, one] : llvm::enumerate(lifetimes.getKernels())) {
    nn::KernelOp kernel = one;
    if (!kernel.getSlots())
      continue;
    for (auto [result, attribute] :
         llvm::zip(kernel.getResults(), *kernel.getSlots())) {
      auto slot = cast<nn::SlotAttr>(attribute);
      if (!slot.getOffset())
        continue;
      ScheduleLifetimes::Interval life =
          lifetimes.getLifetime(cast<OpResult>(result));
      slots.push_back(json::Object{{"kernel", int64_t(number)},
                                   {"first", life.first},
                                   {"last", life.last},
                                   {"offset", *slot.getOffset()},
                                   {"bytes", bytesOf(result.getType())}});
    }
  }
  return slots;
}

json::Array ScheduleWriter::listInputs(const nncrun::Signature &signature) {
  json::Array inputs;
  for (auto [info, type] :
       llvm::zip(signature.inputs, entry.getArgumentTypes()))
    inputs.push_back(json::Object{{"name", json::fixUTF8(info.name)},
                                  {"type", shapeText(type)}});
  return inputs;
}

json::Array ScheduleWriter::listOutputs(const nncrun::Signature &signature) {
  json::Array outputs;
  Operation *end = entry.getBody().front().getTerminator();
  for (auto [info, value] : llvm::zip(signature.outputs, end->getOperands())) {
    SmallPtrSet<void *, 8> seen;
    std::vector<std::pair<StringRef, int64_t>> sources;
    findSources(value, seen, sources);
    json::Object output{{"name", json::fixUTF8(info.name)},
                        {"type", shapeText(value.getType())}};
    for (const auto &[kind, number] : sources)
      if (kind == "kernel")
        output["kernel"] = number;
    outputs.push_back(std::move(output));
  }
  return outputs;
}

/// What the plots need to know of the machine.
static json::Object describeTarget(ModuleOp module,
                                   const TargetOptions &options) {
  json::Object target{{"name", json::fixUTF8(options.name)},
                      {"machine", json::fixUTF8(options.machine)},
                      {"triple", options.triple},
                      {"features", toArray(options.features)}};
  hw::TargetAttr machine = hw::findTarget(module, options.machine);
  if (!machine)
    return target;
  target["gflops"] = double(machine.getGflops());
  target["dram_gbps"] = double(machine.getDramGbps());
  target["l3_gbps"] = double(machine.getL3Gbps());
  target["l2_gbps"] = double(machine.getL2Gbps());
  target["l1_kib"] = machine.getL1Kib();
  target["l2_kib"] = machine.getL2Kib();
  target["l3_kib"] = machine.getL3Kib();
  target["cores"] = int64_t(machine.getCores());
  target["ghz"] = machine.getClockGHz();
  target["validated"] = machine.getValidated();
  return target;
}

json::Object driver::describeSchedule(ModuleOp module,
                                      const TargetOptions &target) {
  func::FuncOp entry = findEntry(module);
  if (!entry)
    return {};
  nncio::Result<nncrun::Signature> signature = readSignature(entry);
  if (!signature)
    return {};
  ScheduleWriter writer(entry);
  json::Array memory;
  if (auto bytes =
          entry->getAttrOfType<DenseI64ArrayAttr>(memoryOverTimeAttrName))
    for (int64_t alive : bytes.asArrayRef())
      memory.push_back(alive);
  return json::Object{
      {"inputs", writer.listInputs(*signature)},
      {"outputs", writer.listOutputs(*signature)},
      {"kernels", writer.listKernels(readAnnotatedCosts(module))},
      {"slots", writer.listSlots()},
      {"memory", std::move(memory)},
      {"target", describeTarget(module, target)}};
}

void driver::watchSchedule(CompileRequest &request, json::Object &schedule) {
  request.compiler.afterPhase = [before = request.compiler.afterPhase,
                                 target = request.target,
                                 &schedule](Phase phase, ModuleOp module) {
    if (before)
      before(phase, module);
    if (phase == Phase::Schedule && schedule.empty())
      schedule = describeSchedule(module, target);
  };
}

/// Kernels in the bench report are named by their nodes.
static std::string joinNodes(const json::Object &kernel) {
  std::string joined = kernel.getString("name").value_or("").str();
  if (const json::Array *nodes = kernel.getArray("nodes"))
    for (const json::Value &node : *nodes)
      joined += "\n" + node.getAsString().value_or("").str();
  return joined;
}

int driver::addMeasurements(const std::string &path, json::Object &schedule) {
  auto refuse = [&](const std::string &why) {
    return reportError("--measured: '" + path + "': " + why +
                           "; expected what 'nnc bench --report' writes",
                       nncrun::ExitInput);
  };
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return refuse(buffer.getError().message());
  llvm::Expected<json::Value> parsed = json::parse((*buffer)->getBuffer());
  if (!parsed)
    return refuse(llvm::toString(parsed.takeError()));
  const json::Object *report = parsed->getAsObject();
  const json::Array *results = report ? report->getArray("results") : nullptr;
  const json::Object *result =
      results && !results->empty() ? results->front().getAsObject() : nullptr;
  const json::Array *kernels = result ? result->getArray("kernels") : nullptr;
  if (!kernels)
    return refuse("found no 'kernels' in 'results'");
  std::map<std::string, std::deque<double>> measured;
  for (const json::Value &value : *kernels)
    if (const json::Object *kernel = value.getAsObject())
      if (std::optional<double> us = kernel->getNumber("median_us"))
        measured[joinNodes(*kernel)].push_back(*us);
  size_t found = 0;
  for (json::Value &value : *schedule.getArray("kernels")) {
    json::Object &kernel = *value.getAsObject();
    std::deque<double> &queue = measured[joinNodes(kernel)];
    if (queue.empty())
      continue;
    kernel["measured_us"] = queue.front();
    queue.pop_front();
    ++found;
  }
  if (found == 0 && !schedule.getArray("kernels")->empty())
    return refuse("no kernel in it is one of this model");
  return nncrun::ExitDone;
}
