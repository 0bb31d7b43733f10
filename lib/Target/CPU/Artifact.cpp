//===----------------------------------------------------------------------===//
// Reads the module attribute that describes an artifact.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/CPU/Artifact.h"

#include "dialects/NN/IR/SignatureTypes.h"

#include "dialects/NN/IR/NNConstants.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "llvm/ADT/StringSet.h"

#include <limits>

using namespace mlir;
using namespace mlir::nnc;
using llvm::Error;
using llvm::Expected;

static Error makeError(const Twine &message) {
  return llvm::createStringError(message);
}

namespace {
/// One dictionary of the attribute; remembers the first fault.
class Reader {
public:
  Reader(DictionaryAttr dict, std::string where)
      : dict(dict), where(std::move(where)) {}

  bool has(StringRef key) const { return bool(dict.get(key)); }

  template <typename AttrType>
  AttrType get(StringRef key, StringRef expected) {
    auto attr = dict.getAs<AttrType>(key);
    if (!attr)
      fail("expects " + expected + " as '" + key + "'");
    return attr;
  }
  std::string text(StringRef key) {
    auto attr = get<StringAttr>(key, "a text");
    return attr ? attr.str() : std::string();
  }
  std::string symbol(StringRef key) {
    auto attr = get<FlatSymbolRefAttr>(key, "a symbol");
    return attr ? attr.getValue().str() : std::string();
  }
  /// An integer of [min, max].
  int64_t integer(StringRef key, int64_t min, int64_t max = INT64_MAX) {
    auto attr = get<IntegerAttr>(key, "an integer");
    if (!attr)
      return min;
    if (attr.getValue().getSignificantBits() > 64) {
      fail("'" + key + "' is out of range");
      return min;
    }
    int64_t value = attr.getValue().getSExtValue();
    if (value < min || value > max) {
      fail("'" + key + "' is out of range: " + Twine(value));
      return min;
    }
    return value;
  }
  int64_t integerOr(StringRef key, int64_t min, int64_t otherwise) {
    return has(key) ? integer(key, min) : otherwise;
  }
  /// The dictionaries of a list, each with a text that says where it is.
  std::vector<Reader> list(StringRef key) {
    std::vector<Reader> readers;
    auto attr = get<ArrayAttr>(key, "a list");
    if (!attr)
      return readers;
    for (auto [i, element] : llvm::enumerate(attr)) {
      auto inner = dyn_cast<DictionaryAttr>(element);
      if (!inner)
        fail("expects dictionaries in '" + key + "'");
      else
        readers.emplace_back(inner,
                             (where + ": " + key + " " + Twine(i)).str());
    }
    return readers;
  }

  void fail(const Twine &message) {
    if (fault.empty())
      fault = (where + ": " + message).str();
  }
  /// Takes over the fault of a dictionary inside.
  void take(const Reader &inner) {
    if (fault.empty())
      fault = inner.fault;
  }
  Error error() const {
    return fault.empty() ? Error::success() : makeError(fault);
  }

private:
  DictionaryAttr dict;
  std::string where;
  std::string fault;
};
} // namespace

int64_t ArtifactValue::bytes() const {
  int64_t count = isSequence ? -1 : nncio::numElements(dims);
  return count < 0 || type == NNC_STRING
             ? -1
             : count * int64_t(nnc_type_bytes(type));
}

static ArtifactValue readValue(Reader &reader) {
  ArtifactValue value;
  value.name = reader.text("name");
  auto attr = reader.get<TypeAttr>("type", "a type");
  std::optional<nn::SignatureType> signature;
  if (attr)
    signature = nn::getSignatureType(attr.getValue());
  if (!signature) {
    reader.fail("expects the type of a ranked tensor, a sequence or an "
                "optional value");
    return value;
  }
  value.isSequence = signature->isSequence;
  value.isOptional = signature->isOptional;
  std::optional<nncio::ElementType> element =
      toElementType(signature->tensor.getElementType());
  if (!element || nncio::elementBytes(*element) == 0)
    reader.fail("value '" + value.name +
                "' has an element type that artifacts do not know");
  else
    value.type = static_cast<nnc_type>(*element);
  auto type = dyn_cast<RankedTensorType>(signature->tensor);
  value.anyRank = !type;
  if (!type)
    return value;
  if (type.getRank() > NNC_MAX_RANK)
    reader.fail("value '" + value.name + "' has rank " + Twine(type.getRank()) +
                ", expects at most " + Twine(NNC_MAX_RANK));
  for (int64_t dim : type.getShape())
    value.dims.push_back(ShapedType::isDynamic(dim) ? -1 : dim);
  if (!reader.has("dim_names"))
    return value;
  auto names = reader.get<ArrayAttr>("dim_names", "a list of texts");
  if (!names || int64_t(names.size()) != type.getRank()) {
    reader.fail("expects one name a dimension of '" + value.name + "'");
    return value;
  }
  for (Attribute name : names) {
    auto text = dyn_cast<StringAttr>(name);
    if (!text)
      reader.fail("expects texts in 'dim_names'");
    value.dimNames.push_back(text ? text.str() : std::string());
  }
  return value;
}

static std::vector<ArtifactValue> readValues(Reader &reader, StringRef key) {
  std::vector<ArtifactValue> values;
  for (Reader &inner : reader.list(key)) {
    values.push_back(readValue(inner));
    reader.take(inner);
  }
  return values;
}

static ArtifactEntry readEntry(Reader &reader) {
  constexpr int64_t int32Max = std::numeric_limits<int32_t>::max();
  ArtifactEntry entry;
  entry.name = reader.text("name");
  entry.function = reader.symbol("function");
  entry.inputs = readValues(reader, "inputs");
  entry.outputs = readValues(reader, "outputs");
  entry.arenaBytes = reader.integer("arena_bytes", -1);
  entry.arenaLowerBound = reader.integerOr("arena_lower_bound", -1, -1);
  entry.scratchBytes = reader.integer("scratch_bytes", -1);
  entry.numSlots = reader.integer("num_slots", 0, int32Max);
  entry.numPoolSlots = reader.integer("num_pool_slots", 0, int32Max);
  auto ends = reader.get<DenseI64ArrayAttr>("lifetimes", "an array<i64>");
  if (!ends)
    return entry;
  ArrayRef<int64_t> flat = ends.asArrayRef();
  bool isDynamic = entry.arenaBytes < 0;
  if (isDynamic ? flat.size() != size_t(entry.numSlots) * 2 : flat.size() % 2)
    reader.fail("expects first and last of " + Twine(entry.numSlots) +
                " slots as 'lifetimes', but got " + Twine(flat.size()) +
                " numbers");
  for (size_t i = 0; i + 1 < flat.size(); i += 2) {
    if (flat[i] < 0 || flat[i] > flat[i + 1] || flat[i + 1] > int32Max)
      reader.fail("lifetime " + Twine(i / 2) + " is not one");
    entry.lifetimes.push_back({int32_t(flat[i]), int32_t(flat[i + 1])});
  }
  return entry;
}

static ArtifactKernel readKernel(Reader &reader) {
  ArtifactKernel kernel;
  kernel.name = reader.text("name");
  kernel.nodes = reader.has("nodes") ? reader.text("nodes") : std::string();
  if (auto phases = reader.get<ArrayAttr>("phases", "an array")) {
    for (Attribute phase : phases)
      if (auto symbol = dyn_cast<FlatSymbolRefAttr>(phase))
        kernel.phases.push_back(symbol.getValue().str());
    if (phases.empty() || kernel.phases.size() != phases.size())
      reader.fail("expects at least one function as 'phases'");
  }
  kernel.flops = reader.integerOr("flops", -1, -1);
  kernel.bytes = reader.integerOr("bytes", -1, -1);
  for (auto [name, place] : {std::pair("us", &kernel.us),
                             {"lo_us", &kernel.lowUs},
                             {"hi_us", &kernel.highUs}})
    if (reader.has(name))
      if (auto us = reader.get<FloatAttr>(name, "a number"))
        *place = us.getValueAsDouble();
  kernel.bound = reader.has("bound")
                     ? reader.integer("bound", 0, NNCRT_BOUND_LAUNCH)
                     : NNCRT_BOUND_UNKNOWN;
  return kernel;
}

/// `end` is where the weight before ends; moved behind this one.
static ArtifactWeight readWeight(Reader &reader, uint64_t &end,
                                 uint64_t total) {
  ArtifactWeight weight;
  weight.offset = reader.integer("offset", 0);
  auto type = reader.get<TypeAttr>("type", "a type");
  weight.type =
      type ? dyn_cast<RankedTensorType>(type.getValue()) : RankedTensorType();
  weight.data = reader.get<Attribute>("data", "a constant");
  if (!weight.data || !isa<ElementsAttr, nn::DataAttr>(weight.data))
    reader.fail("expects a constant as 'data'");
  std::optional<nncio::ElementType> element;
  if (weight.type && weight.type.hasStaticShape())
    element = toElementType(weight.type.getElementType());
  if (!element) {
    reader.fail("expects a static tensor type that artifacts know");
    return weight;
  }
  int64_t count = nncio::numElements(weight.type.getShape().vec());
  uint64_t width = nncio::elementBytes(*element);
  if (weight.offset % NNCRT_ALIGNMENT || weight.offset < end)
    reader.fail("offset " + Twine(weight.offset) + " is not aligned to " +
                Twine(NNCRT_ALIGNMENT) + " or overlaps the weight before");
  else if (width == 0 || count < 0 || weight.offset > total ||
           uint64_t(count) > (total - weight.offset) / width)
    reader.fail("lies outside of the " + Twine(total) + " bytes of weights");
  else
    end = weight.offset + count * width;
  return weight;
}

/// Names are how users and profiles tell rows apart.
template <typename Row>
static void checkUnique(Reader &reader, const std::vector<Row> &rows,
                        StringRef what) {
  llvm::StringSet<> names;
  for (const Row &row : rows)
    if (!names.insert(row.name).second)
      reader.fail("two " + what + " have the name '" + row.name + "'");
}

Expected<ArtifactInfo> mlir::nnc::readArtifactInfo(ModuleOp module) {
  auto dict = module->getAttrOfType<DictionaryAttr>(artifactAttrName);
  if (!dict)
    return makeError("the module has no attribute '" + artifactAttrName +
                     "'; it is not lowered to the end");
  Reader reader(dict, artifactAttrName.str());
  ArtifactInfo info;
  for (Reader &inner : reader.list("entries")) {
    info.entries.push_back(readEntry(inner));
    reader.take(inner);
  }
  if (info.entries.empty())
    reader.fail("expects at least one entry");
  for (Reader &inner : reader.list("kernels")) {
    info.kernels.push_back(readKernel(inner));
    reader.take(inner);
  }
  checkUnique(reader, info.entries, "entries");
  checkUnique(reader, info.kernels, "kernels");
  info.weightsBytes = reader.integer("weights_bytes", 0);
  uint64_t end = 0;
  for (Reader &inner : reader.list("weights")) {
    info.weights.push_back(readWeight(inner, end, info.weightsBytes));
    reader.take(inner);
  }
  if (Error error = reader.error())
    return error;
  return info;
}

Expected<nncio::Tensor> ArtifactWeight::load() const {
  nncio::Result<nncio::Tensor> tensor =
      isa<nn::DataAttr>(data) ? nn::toTensor(cast<nn::DataAttr>(data), type)
                              : nn::toTensor(cast<ElementsAttr>(data));
  if (!tensor)
    return makeError("weight at offset " + Twine(offset) + ": " +
                     tensor.error());
  size_t width = nncio::elementBytes(*toElementType(type.getElementType()));
  if (tensor->bytes() != type.getNumElements() * width)
    return makeError("weight at offset " + Twine(offset) + ": expects " +
                     Twine(type.getNumElements() * width) +
                     " bytes but the constant has " + Twine(tensor->bytes()));
  return *tensor;
}
