//===----------------------------------------------------------------------===//
// Tilings that were measured, in a file.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/Tuning.h"

#include "dialects/Kern/IR/KernDialect.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::nnc;
using llvm::Expected;

static constexpr int64_t version = 1;
static constexpr uint64_t mostBytes = uint64_t(64) << 20;

static llvm::Error fail(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static Expected<MeasuredTiling> parseEntry(MLIRContext *context,
                                           const llvm::json::Object &entry) {
  auto getNumber = [&](StringRef name) {
    return entry.getInteger(name).value_or(-1);
  };
  MeasuredTiling result;
  result.winogradTile = getNumber("winograd_tile");
  result.microseconds = entry.getNumber("us").value_or(0);
  int64_t numbers[] = {getNumber("lanes"),   getNumber("rows"),
                       getNumber("vectors"), getNumber("m_block"),
                       getNumber("n_block"), getNumber("k_block")};
  if (result.winogradTile < 0 ||
      llvm::any_of(numbers, [](int64_t number) { return number < 0; }))
    return fail("expects winograd_tile, lanes, rows, vectors, m_block, n_block "
                "and k_block, none below 0");
  std::string message;
  auto emitError = [&]() { return mlir::emitError(UnknownLoc::get(context)); };
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    message = diagnostic.str();
    return success();
  });
  result.tiling = hw::TilingAttr::getChecked(
      emitError, context, numbers[0], numbers[1], numbers[2], numbers[3],
      numbers[4], numbers[5], entry.getBoolean("prefetch").value_or(false));
  if (!result.tiling)
    return fail(message);
  return result;
}

Expected<TuningTable> TuningTable::parse(MLIRContext *context, StringRef text) {
  Expected<llvm::json::Value> value = llvm::json::parse(text);
  if (!value)
    return fail("expected JSON: " + llvm::toString(value.takeError()));
  const llvm::json::Object *root = value->getAsObject();
  if (!root || root->getInteger("version") != version)
    return fail("expected an object with \"version\": " + Twine(version));
  const llvm::json::Array *list = root->getArray("entries");
  if (!list)
    return fail("expected an array \"entries\"");
  TuningTable table;
  for (auto [number, item] : llvm::enumerate(*list)) {
    const llvm::json::Object *entry = item.getAsObject();
    std::optional<StringRef> target, key;
    if (entry) {
      target = entry->getString("target");
      key = entry->getString("key");
    }
    if (!target || !key)
      return fail("entry " + Twine(number) +
                  ": expects an object with target and key");
    Expected<MeasuredTiling> tiling = parseEntry(context, *entry);
    if (!tiling)
      return fail("entry " + Twine(number) + ": " +
                  llvm::toString(tiling.takeError()));
    table.set(*target, *key, *tiling);
  }
  return table;
}

Expected<TuningTable> TuningTable::load(MLIRContext *context, StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return fail("cannot read tuning file '" + path +
                "': " + buffer.getError().message());
  if ((*buffer)->getBufferSize() > mostBytes)
    return fail("tuning file '" + path + "': expected 64 MiB at most");
  Expected<TuningTable> table = parse(context, (*buffer)->getBuffer());
  if (!table)
    return fail("tuning file '" + path +
                "': " + llvm::toString(table.takeError()));
  return table;
}

std::string TuningTable::print() const {
  llvm::json::Array list;
  for (const auto &[name, entry] : entries) {
    hw::TilingAttr tiling = entry.tiling;
    list.push_back(llvm::json::Object{{"target", name.first},
                                      {"key", name.second},
                                      {"winograd_tile", entry.winogradTile},
                                      {"lanes", tiling.getLanes()},
                                      {"rows", tiling.getRows()},
                                      {"vectors", tiling.getVectors()},
                                      {"m_block", tiling.getMBlock()},
                                      {"n_block", tiling.getNBlock()},
                                      {"k_block", tiling.getKBlock()},
                                      {"prefetch", tiling.getPrefetch()},
                                      {"us", entry.microseconds}});
  }
  llvm::json::Value root =
      llvm::json::Object{{"version", version}, {"entries", std::move(list)}};
  return llvm::formatv("{0:2}\n", root);
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

const MeasuredTiling *TuningTable::find(StringRef target, StringRef key) const {
  auto found = entries.find({target.str(), key.str()});
  return found == entries.end() ? nullptr : &found->second;
}

void TuningTable::set(StringRef target, StringRef key, MeasuredTiling tiling) {
  entries[{target.str(), key.str()}] = tiling;
}

std::string mlir::nnc::getTuningKey(Operation *op) {
  std::string key;
  llvm::raw_string_ostream stream(key);
  stream << op->getName();
  for (Type type : op->getOperandTypes()) {
    auto shaped = dyn_cast<ShapedType>(type);
    if (!shaped || !shaped.hasStaticShape())
      return {};
    stream << ' ' << type;
  }
  for (NamedAttribute attribute : op->getAttrDictionary())
    // What the target decides is no part of the task.
    if (!isa<hw::TilingAttr>(attribute.getValue()) &&
        attribute.getName() != "dot" &&
        attribute.getName() != tuningKeyAttrName)
      stream << ' ' << attribute.getName().getValue() << '='
             << attribute.getValue();
  return key;
}
