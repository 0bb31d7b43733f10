//===----------------------------------------------------------------------===//
// Descriptions of machines as attributes and as files.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/HW/IR/TargetDescription.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include <variant>

using namespace mlir;
using namespace mlir::nnc::hw;
using llvm::Expected;
using llvm::Twine;

static constexpr int64_t version = 1;
static constexpr uint64_t mostBytes = 1 << 20;

TargetAttr TargetDescription::getAttr(MLIRContext *context) const {
  DictionaryAttr fitted;
  if (!coefficients.empty()) {
    Builder builder(context);
    SmallVector<NamedAttribute> list;
    for (const auto &[key, value] : coefficients)
      list.push_back(builder.getNamedAttr(key, builder.getF64FloatAttr(value)));
    fitted = builder.getDictionaryAttr(list);
  }
  return TargetAttr::get(
      context, name, vectorBits, gflops, dramGbps, launchUs, instructions.fma,
      vectorRegisters, fmaPorts, fmaLatency, l1KiB, l2KiB, l3KiB,
      l2BytesPerCycle, cores, ghz, l2Gbps, l3Gbps, l3GbpsAll, dramGbpsAll,
      forkJoinUs, expGops, divideGops, matrixGflops, idleWatts, flopPj,
      cacheBytePj, dramBytePj, noise, gpu, validated, fitted);
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

namespace {
/// Where a field is.
using FieldRef = std::variant<unsigned *, int64_t *, double *, bool *>;
struct Field {
  StringLiteral name;
  FieldRef place;
};
} // namespace

/// All fields but the name, in the order of the file.
static SmallVector<Field> listFields(TargetDescription &t) {
  return {{"vector_bits", &t.vectorBits},
          {"vector_registers", &t.vectorRegisters},
          {"fma_ports", &t.fmaPorts},
          {"fma_latency", &t.fmaLatency},
          {"fma", &t.instructions.fma},
          {"rounding", &t.instructions.rounding},
          {"scaling", &t.instructions.scaling},
          {"ghz", &t.ghz},
          {"gflops", &t.gflops},
          {"matrix_gflops", &t.matrixGflops},
          {"exp_gops", &t.expGops},
          {"divide_gops", &t.divideGops},
          {"l1_kib", &t.l1KiB},
          {"l2_kib", &t.l2KiB},
          {"l3_kib", &t.l3KiB},
          {"l2_bytes_per_cycle", &t.l2BytesPerCycle},
          {"cores", &t.cores},
          {"l2_gbps", &t.l2Gbps},
          {"l3_gbps", &t.l3Gbps},
          {"l3_gbps_all", &t.l3GbpsAll},
          {"dram_gbps", &t.dramGbps},
          {"dram_gbps_all", &t.dramGbpsAll},
          {"launch_us", &t.launchUs},
          {"fork_join_us", &t.forkJoinUs},
          {"idle_watts", &t.idleWatts},
          {"flop_pj", &t.flopPj},
          {"cache_byte_pj", &t.cacheBytePj},
          {"dram_byte_pj", &t.dramBytePj},
          {"noise", &t.noise},
          {"gpu", &t.gpu},
          {"validated", &t.validated}};
}

static llvm::Error fail(const Twine &message) {
  return llvm::createStringError("target description: " + message);
}

std::string TargetDescription::toJson() const {
  TargetDescription copy = *this;
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream json(stream, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("version", version);
    json.attribute("name", name);
    for (const Field &field : listFields(copy))
      std::visit([&](auto *place) { json.attribute(field.name, *place); },
                 field.place);
    json.attributeObject("coefficients", [&] {
      for (const auto &[key, value] : coefficients)
        json.attribute(key, value);
    });
  });
  return text + "\n";
}

/// Sizes and counts of one to what any machine has.
template <typename T>
static bool readInteger(const llvm::json::Value &value, T *place) {
  constexpr int64_t most = int64_t(1) << 30;
  std::optional<int64_t> number = value.getAsInteger();
  if (!number || *number < 1 || *number > most)
    return false;
  *place = T(*number);
  return true;
}

static bool readField(const llvm::json::Value &value, FieldRef place) {
  if (auto **flag = std::get_if<bool *>(&place)) {
    std::optional<bool> given = value.getAsBoolean();
    if (given)
      **flag = *given;
    return given.has_value();
  }
  if (auto **real = std::get_if<double *>(&place)) {
    std::optional<double> given = value.getAsNumber();
    if (!given || !(*given >= 0) || *given > 1e12)
      return false;
    **real = *given;
    return true;
  }
  if (auto **size = std::get_if<int64_t *>(&place))
    return readInteger(value, *size);
  return readInteger(value, std::get<unsigned *>(place));
}

static llvm::Error readCoefficients(const llvm::json::Value &value,
                                    std::map<std::string, double> &list) {
  const llvm::json::Object *object = value.getAsObject();
  if (!object)
    return fail("expects coefficients to be an object");
  for (const auto &[key, entry] : *object) {
    std::optional<double> number = entry.getAsNumber();
    if (!number || !(*number >= 0) || *number > 1e6)
      return fail("expects coefficient '" + key.str() +
                  "' to be a number of 0 to 1e6");
    list[key.str()] = *number;
  }
  return llvm::Error::success();
}

static llvm::Error readFields(const llvm::json::Object &root,
                              TargetDescription &target) {
  SmallVector<Field> fields = listFields(target);
  for (const auto &[key, value] : root) {
    StringRef name = key;
    if (name == "version" || name == "name" || name == "base")
      continue;
    if (name == "coefficients") {
      if (llvm::Error error = readCoefficients(value, target.coefficients))
        return error;
      continue;
    }
    auto *field = llvm::find_if(
        fields, [&](const Field &field) { return field.name == name; });
    if (field == fields.end())
      return fail("unknown field '" + name + "'");
    if (!readField(value, field->place))
      return fail("the value of '" + name + "' is none that a machine has");
  }
  return llvm::Error::success();
}

Expected<TargetDescription> TargetDescription::parse(StringRef text) {
  Expected<llvm::json::Value> value = llvm::json::parse(text);
  if (!value)
    return fail("expected JSON: " + llvm::toString(value.takeError()));
  const llvm::json::Object *root = value->getAsObject();
  if (!root || root->getInteger("version") != version)
    return fail("expected an object with \"version\": " + Twine(version));
  TargetDescription target;
  if (std::optional<StringRef> base = root->getString("base")) {
    const TargetDescription *row = findDescription(*base);
    if (!row)
      return fail("base '" + *base + "' is no known target");
    target = *row;
    target.validated = false;
  }
  if (std::optional<StringRef> name = root->getString("name"))
    target.name = name->str();
  if (target.name.empty())
    return fail("expected a name");
  if (llvm::Error error = readFields(*root, target))
    return std::move(error);
  if (target.vectorBits % 64 || target.vectorBits > 2048)
    return fail("expects vector_bits to be a multiple of 64 up to 2048");
  return target;
}

Expected<TargetDescription> TargetDescription::load(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return fail("cannot read '" + path + "': " + buffer.getError().message());
  if ((*buffer)->getBufferSize() > mostBytes)
    return fail("'" + path + "': expected 1 MiB at most");
  Expected<TargetDescription> target = parse((*buffer)->getBuffer());
  if (!target)
    return llvm::createStringError("'" + path +
                                   "': " + llvm::toString(target.takeError()));
  return target;
}

bool mlir::nnc::hw::isTargetFile(StringRef name) {
  return name.ends_with(".json");
}
