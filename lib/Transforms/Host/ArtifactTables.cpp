//===----------------------------------------------------------------------===//
// Collects the tables of an artifact as attributes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ArtifactTables.h"

#include "nnc/Analysis/NodeNames.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::nnc;

/// Weights start on a cache line, in bytes; as NNCRT_ALIGNMENT.
static constexpr int64_t weightAlignment = 64;

int64_t ArtifactTables::addKernel(nn::LaunchOp launch,
                                  ArrayRef<Attribute> phases) {
  std::string nodes = llvm::join(getNodeNames(launch.getLoc()), "\n");
  // Entry points may have kernels of one name.
  std::string name = launch.getName().str();
  if (unsigned count = names[launch.getName()]++)
    name += "@" + std::to_string(count);
  SmallVector<NamedAttribute> row{
      builder.getNamedAttr("name", builder.getStringAttr(name)),
      builder.getNamedAttr("nodes", builder.getStringAttr(nodes)),
      builder.getNamedAttr("phases", builder.getArrayAttr(phases))};
  if (hw::CostAttr cost = launch.getCostAttr()) {
    if (cost.getFlops())
      row.push_back(builder.getNamedAttr("flops", number(*cost.getFlops())));
    if (cost.getBytes())
      row.push_back(builder.getNamedAttr("bytes", number(*cost.getBytes())));
    for (auto [name, us] : {std::pair("us", cost.getUs()),
                            {"lo_us", cost.getLoUs()},
                            {"hi_us", cost.getHiUs()}})
      if (us)
        row.push_back(builder.getNamedAttr(name, builder.getF64FloatAttr(*us)));
    row.push_back(
        builder.getNamedAttr("bound", number(int64_t(cost.getBound()))));
  }
  kernels.push_back(builder.getDictionaryAttr(row));
  return kernels.size() - 1;
}

int64_t ArtifactTables::addWeight(Attribute data, RankedTensorType type) {
  auto [known, isNew] = offsets.try_emplace({data, type}, weightBytes);
  if (!isNew)
    return known->second;
  int64_t bytes = type.getNumElements() *
                  nncio::elementBytes(*toElementType(type.getElementType()));
  weights.push_back(builder.getDictionaryAttr(
      {builder.getNamedAttr("offset", number(weightBytes)),
       builder.getNamedAttr("data", data),
       builder.getNamedAttr("type", TypeAttr::get(type))}));
  int64_t offset = weightBytes;
  weightBytes +=
      (bytes + weightAlignment - 1) / weightAlignment * weightAlignment;
  return offset;
}

DictionaryAttr ArtifactTables::describeValue(Type type, Attribute name,
                                             Attribute dimNames) {
  SmallVector<NamedAttribute> row{
      builder.getNamedAttr("name", name ? name : builder.getStringAttr("")),
      builder.getNamedAttr("type", TypeAttr::get(type))};
  if (dimNames)
    row.push_back(builder.getNamedAttr("dim_names", dimNames));
  return builder.getDictionaryAttr(row);
}

void ArtifactTables::addEntry(func::FuncOp entry, FlatSymbolRefAttr function,
                              const EntryStorage &storage) {
  SmallVector<Attribute> inputs, outputs;
  for (auto [index, type] : llvm::enumerate(entry.getArgumentTypes()))
    inputs.push_back(describeValue(
        type, entry.getArgAttr(index, nn::NNDialect::nameAttrName),
        entry.getArgAttr(index, nn::NNDialect::dimNamesAttrName)));
  for (auto [index, type] : llvm::enumerate(entry.getResultTypes()))
    outputs.push_back(describeValue(
        type, entry.getResultAttr(index, nn::NNDialect::nameAttrName),
        entry.getResultAttr(index, nn::NNDialect::dimNamesAttrName)));
  entries.push_back(builder.getDictionaryAttr({
      builder.getNamedAttr("name", builder.getStringAttr(entry.getSymName())),
      builder.getNamedAttr("function", function),
      builder.getNamedAttr("inputs", builder.getArrayAttr(inputs)),
      builder.getNamedAttr("outputs", builder.getArrayAttr(outputs)),
      builder.getNamedAttr("arena_bytes", number(storage.arenaBytes)),
      builder.getNamedAttr("arena_lower_bound",
                           number(storage.arenaLowerBound)),
      builder.getNamedAttr("scratch_bytes", number(storage.scratchBytes)),
      builder.getNamedAttr("lifetimes",
                           builder.getDenseI64ArrayAttr(storage.lifetimes)),
      builder.getNamedAttr("num_slots", number(storage.slots)),
      builder.getNamedAttr("num_pool_slots", number(storage.pools)),
  }));
}

DictionaryAttr ArtifactTables::get() {
  return builder.getDictionaryAttr({
      builder.getNamedAttr("entries", builder.getArrayAttr(entries)),
      builder.getNamedAttr("kernels", builder.getArrayAttr(kernels)),
      builder.getNamedAttr("weights", builder.getArrayAttr(weights)),
      builder.getNamedAttr("weights_bytes", number(weightBytes)),
  });
}
