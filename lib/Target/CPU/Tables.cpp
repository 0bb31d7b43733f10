//===----------------------------------------------------------------------===//
// The tables of an artifact and its exported functions, as LLVM IR. Layouts are
// those of nncrt.h.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/CPU/Codegen.h"

#include "lib/Target/CPU/Version.h"
#include "nnc/Runtime/nncrt_weights.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"

using namespace mlir::nnc;
using llvm::ArrayRef;
using llvm::Constant;
using llvm::Error;
using llvm::Function;
using llvm::GlobalValue;
using llvm::GlobalVariable;
using llvm::SmallVector;
using llvm::StringRef;
using llvm::StructType;
using llvm::Twine;
using llvm::Type;

static_assert(NNCRT_ABI_VERSION == 4, "the structures below are of version 4");

static Error makeError(const Twine &message) {
  return llvm::createStringError(message);
}

namespace {
/// Adds tables to a module. Nothing that it makes is visible outside, but what
/// `exportAs` names.
class TableBuilder {
public:
  TableBuilder(llvm::Module &module, StringRef prefix)
      : module(module), prefix(prefix), b(module.getContext()),
        ptr(b.getPtrTy()), i32(b.getInt32Ty()), i64(b.getInt64Ty()) {
    info = makeType({ptr, i32, i32, i32, i32, ptr, ptr});
    signature = makeType({ptr, i64, ptr, i64, ptr});
    entry = makeType({signature, ptr, i64, i64, ptr, i32, i32});
    kernel = makeType({ptr, ptr, ptr, i64, i64, b.getDoubleTy(), i32, i32});
    lifetime = makeType({i32, i32});
    model = makeType(
        {i32, i32, ptr, ptr, ptr, ptr, ptr, i64, i32, i32, ptr, ptr, ptr, ptr});
    image = makeType({ptr, i64});
    devicePhase = makeType({ptr, i32, i32, i32, i32});
    device = makeType({i32, i32, ptr, ptr, i32, i32});
    library = makeType({i32, i32, ptr, ptr, ptr, ptr, ptr, ptr, ptr});
  }

  Error run(const ArtifactInfo &artifact, const TargetOptions &options,
            ArtifactUse use, const DeviceCode *code);

private:
  StructType *makeType(ArrayRef<Type *> members) {
    return StructType::get(module.getContext(), members);
  }
  Constant *int32(int64_t value) { return llvm::ConstantInt::get(i32, value); }
  Constant *int64(int64_t value) { return llvm::ConstantInt::get(i64, value); }
  Constant *null() { return llvm::ConstantPointerNull::get(b.getPtrTy()); }

  GlobalVariable *addGlobal(Constant *value, const Twine &name);
  Constant *text(StringRef value);
  Constant *array(Type *type, ArrayRef<Constant *> values, const Twine &name);
  Constant *valueInfo(const ArtifactValue &value);
  Constant *valueInfos(const std::vector<ArtifactValue> &values);
  Constant *signatureOf(const ArtifactEntry &value);
  llvm::Expected<Function *> findFunction(StringRef name, Type *result,
                                          ArrayRef<Type *> params);
  llvm::Expected<Constant *> entryRow(const ArtifactEntry &value);
  llvm::Expected<Constant *> phasesOf(const ArtifactKernel &value);
  llvm::Expected<Constant *> kernelRow(const ArtifactKernel &value,
                                       bool isOnDevice);
  llvm::Expected<Constant *> deviceTable(const ArtifactInfo &artifact,
                                         const GpuTarget &target,
                                         const DeviceCode &code);
  Constant *images(const DeviceCode &code);
  Constant *declareHidden(const Twine &name);
  Constant *weights(const ArtifactInfo &artifact, const TargetOptions &options);
  Constant *features(const TargetOptions &options);

  void exportAs(llvm::GlobalObject *object, const Twine &name);
  Function *addFunction(StringRef name, Type *result, ArrayRef<Type *> params);
  llvm::FunctionCallee runtime(StringRef name, Type *result,
                               ArrayRef<Type *> params);
  void addFunctions();
  void addLibrary();

  llvm::Module &module;
  StringRef prefix;
  llvm::IRBuilder<> b;
  Type *ptr, *i32, *i64;
  StructType *info, *signature, *entry, *kernel, *lifetime, *model, *library;
  StructType *image, *devicePhase, *device;
  llvm::StringMap<Constant *> texts;
  GlobalVariable *modelTable = nullptr;
  GlobalVariable *entryTable = nullptr;
};
} // namespace

GlobalVariable *TableBuilder::addGlobal(Constant *value, const Twine &name) {
  return new GlobalVariable(module, value->getType(), /*isConstant=*/true,
                            GlobalValue::InternalLinkage, value, name);
}

Constant *TableBuilder::text(StringRef value) {
  // A C string ends at the first NUL.
  value = value.split('\0').first;
  Constant *&known = texts[value];
  if (known)
    return known;
  GlobalVariable *global =
      addGlobal(llvm::ConstantDataArray::getString(module.getContext(), value),
                "nnc.text");
  global->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  global->setAlignment(llvm::Align(1));
  return known = global;
}

/// A table, null if it is empty.
Constant *TableBuilder::array(Type *type, ArrayRef<Constant *> values,
                              const Twine &name) {
  if (values.empty())
    return null();
  return addGlobal(llvm::ConstantArray::get(
                       llvm::ArrayType::get(type, values.size()), values),
                   name);
}

Constant *TableBuilder::valueInfo(const ArtifactValue &value) {
  SmallVector<Constant *> dims, names;
  for (int64_t dim : value.dims)
    dims.push_back(int64(dim));
  bool hasName = false;
  for (const std::string &name : value.dimNames) {
    names.push_back(name.empty() ? null() : text(name));
    hasName |= !name.empty();
  }
  Constant *nameTable = hasName ? array(ptr, names, "nnc.dim_names") : null();
  return llvm::ConstantStruct::get(
      info,
      {text(value.name), int32(value.isSequence ? NNC_SEQUENCE : NNC_TENSOR),
       int32(value.type), int32(value.anyRank ? -1 : value.dims.size()),
       int32(value.isOptional), array(i64, dims, "nnc.dims"), nameTable});
}

Constant *TableBuilder::valueInfos(const std::vector<ArtifactValue> &values) {
  SmallVector<Constant *> rows;
  for (const ArtifactValue &value : values)
    rows.push_back(valueInfo(value));
  return array(info, rows, "nnc.values");
}

Constant *TableBuilder::signatureOf(const ArtifactEntry &value) {
  return llvm::ConstantStruct::get(
      signature,
      {text(value.name), int64(value.inputs.size()), valueInfos(value.inputs),
       int64(value.outputs.size()), valueInfos(value.outputs)});
}

llvm::Expected<Function *> TableBuilder::findFunction(StringRef name,
                                                      Type *result,
                                                      ArrayRef<Type *> params) {
  Function *function = module.getFunction(name);
  if (!function)
    return makeError("the module has no function '" + name + "'");
  if (function->getFunctionType() !=
      llvm::FunctionType::get(result, params, false))
    return makeError("the function '" + name +
                     "' has another type than the "
                     "runtime calls it with");
  return function;
}

llvm::Expected<Constant *> TableBuilder::entryRow(const ArtifactEntry &value) {
  llvm::Expected<Function *> run = findFunction(value.function, i32, {ptr});
  if (!run)
    return run.takeError();
  SmallVector<Constant *> lifetimes;
  for (nncrt_lifetime row : value.lifetimes)
    lifetimes.push_back(llvm::ConstantStruct::get(
        lifetime, {int32(row.first), int32(row.last)}));
  return llvm::ConstantStruct::get(
      entry,
      {signatureOf(value), *run, int64(value.arenaBytes),
       int64(value.scratchBytes), array(lifetime, lifetimes, "nnc.lifetimes"),
       int32(value.numSlots), int32(value.numPoolSlots)});
}

llvm::Expected<Constant *> TableBuilder::phasesOf(const ArtifactKernel &value) {
  SmallVector<Constant *> phases;
  for (const std::string &name : value.phases) {
    llvm::Expected<Function *> fn =
        findFunction(name, b.getVoidTy(), {ptr, i64, i64, ptr});
    if (!fn)
      return fn.takeError();
    phases.push_back(*fn);
  }
  return array(ptr, phases, "nnc.phases");
}

llvm::Expected<Constant *> TableBuilder::kernelRow(const ArtifactKernel &value,
                                                   bool isOnDevice) {
  llvm::Expected<Constant *> phases =
      isOnDevice ? llvm::Expected<Constant *>(null()) : phasesOf(value);
  if (!phases)
    return phases.takeError();
  return llvm::ConstantStruct::get(
      kernel,
      {text(value.name), text(value.nodes), *phases, int64(value.flops),
       int64(value.bytes), llvm::ConstantFP::get(b.getDoubleTy(), value.us),
       int32(value.bound), int32(value.phases.size())});
}

Constant *TableBuilder::images(const DeviceCode &code) {
  SmallVector<Constant *> rows;
  for (const std::string &bytes : code.images) {
    GlobalVariable *data =
        addGlobal(llvm::ConstantDataArray::getString(module.getContext(), bytes,
                                                     /*AddNull=*/false),
                  "nnc.image");
    data->setAlignment(llvm::Align(NNCRT_ALIGNMENT));
    rows.push_back(
        llvm::ConstantStruct::get(image, {data, int64(bytes.size())}));
  }
  return array(image, rows, "nnc.images");
}

llvm::Expected<Constant *>
TableBuilder::deviceTable(const ArtifactInfo &artifact, const GpuTarget &target,
                          const DeviceCode &code) {
  SmallVector<Constant *> rows;
  for (const ArtifactKernel &value : artifact.kernels)
    for (StringRef name : value.phases) {
      auto found = code.phases.find(name);
      if (found == code.phases.end())
        return makeError("the code of the GPU has no kernel '" + name + "'");
      const DevicePhase &phase = found->second;
      if (phase.numArgs > NNCRT_MAX_DEVICE_ARGS)
        return makeError(
            "the kernel '" + value.name + "' takes " + Twine(phase.numArgs) +
            " tensors and sizes, but a GPU's takes " +
            Twine(NNCRT_MAX_DEVICE_ARGS) + " at most; compile it for a CPU");
      rows.push_back(llvm::ConstantStruct::get(
          devicePhase, {text(name), int32(phase.numArgs),
                        int32(phase.usesScratch ? NNCRT_PHASE_SCRATCH : 0),
                        int32(phase.threads), int32(phase.sharedBytes)}));
    }
  return addGlobal(
      llvm::ConstantStruct::get(
          device, {int32(target.capability), int32(target.isExact),
                   images(code), array(devicePhase, rows, "nnc.phases"),
                   int32(code.images.size()), int32(rows.size())}),
      "nnc.device");
}

/// What another object of the artifact defines.
Constant *TableBuilder::declareHidden(const Twine &name) {
  auto *symbol = new GlobalVariable(module, b.getInt8Ty(), /*isConstant=*/true,
                                    GlobalValue::ExternalLinkage,
                                    /*Initializer=*/nullptr, name);
  symbol->setVisibility(GlobalValue::HiddenVisibility);
  symbol->setDSOLocal(true);
  return symbol;
}

Constant *TableBuilder::weights(const ArtifactInfo &artifact,
                                const TargetOptions &options) {
  if (artifact.weightsBytes == 0)
    return null();
  return declareHidden(options.prefix +
                       options.weightsVariant.value_or(options.variant) +
                       "_weights");
}

Constant *TableBuilder::features(const TargetOptions &options) {
  SmallVector<Constant *> names;
  for (const std::string &feature : options.features)
    names.push_back(text(feature));
  names.push_back(null());
  return array(ptr, names, "nnc.features");
}

/// Gives `object` the name, and what had it before another one.
void TableBuilder::exportAs(llvm::GlobalObject *object, const Twine &name) {
  std::string text = name.str();
  if (GlobalValue *other = module.getNamedValue(text); other && other != object)
    other->setName(text + ".body");
  object->setName(text);
  object->setLinkage(GlobalValue::ExternalLinkage);
  object->setVisibility(GlobalValue::DefaultVisibility);
}

Function *TableBuilder::addFunction(StringRef name, Type *result,
                                    ArrayRef<Type *> params) {
  Function *function =
      Function::Create(llvm::FunctionType::get(result, params, false),
                       GlobalValue::ExternalLinkage, "nnc.export", module);
  exportAs(function, prefix + "_" + name);
  b.SetInsertPoint(llvm::BasicBlock::Create(module.getContext(), "", function));
  return function;
}

llvm::FunctionCallee TableBuilder::runtime(StringRef name, Type *result,
                                           ArrayRef<Type *> params) {
  return module.getOrInsertFunction(
      name, llvm::FunctionType::get(result, params, false));
}

void TableBuilder::addFunctions() {
  addFunction("signature", ptr, {});
  // The signature is the first member of an entry.
  b.CreateRet(entryTable);

  Function *create = addFunction("create", i32, {ptr, ptr, ptr});
  b.CreateRet(b.CreateCall(
      runtime("nncrt_context_create", i32, {ptr, ptr, ptr, ptr}),
      {modelTable, create->getArg(0), create->getArg(1), create->getArg(2)}));

  Function *run = addFunction("run", i32, {ptr, ptr, i64, ptr, i64, ptr});
  b.CreateRet(b.CreateCall(
      runtime("nnc_context_run", i32, {ptr, i64, ptr, i64, ptr, i64, ptr}),
      {run->getArg(0), int64(0), run->getArg(1), run->getArg(2), run->getArg(3),
       run->getArg(4), run->getArg(5)}));

  Function *destroy = addFunction("destroy", b.getVoidTy(), {ptr});
  b.CreateCall(runtime("nnc_context_destroy", b.getVoidTy(), {ptr}),
               {destroy->getArg(0)});
  b.CreateRetVoid();
}

void TableBuilder::addLibrary() {
  auto callee = [&](StringRef name, Type *result, ArrayRef<Type *> params) {
    return llvm::cast<Constant>(runtime(name, result, params).getCallee());
  };
  Type *none = b.getVoidTy();
  exportAs(
      addGlobal(llvm::ConstantStruct::get(
                    library,
                    {int32(NNCRT_MAGIC), int32(NNCRT_ABI_VERSION), modelTable,
                     callee("nncrt_context_create", i32, {ptr, ptr, ptr, ptr}),
                     callee("nnc_context_destroy", none, {ptr}),
                     callee("nnc_context_run", i32,
                            {ptr, i64, ptr, i64, ptr, i64, ptr}),
                     callee("nnc_context_set_profile", none, {ptr, ptr, ptr}),
                     callee("nnc_context_bytes", i64, {ptr}),
                     callee("nncrt_workspace_bytes", i32,
                            {ptr, i64, ptr, i64, i32, ptr, ptr})}),
                "nnc.library"),
      NNCRT_LIBRARY_SYMBOL);
}

Error TableBuilder::run(const ArtifactInfo &artifact,
                        const TargetOptions &options, ArtifactUse use,
                        const DeviceCode *code) {
  SmallVector<Constant *> entries, kernels;
  for (const ArtifactEntry &value : artifact.entries) {
    llvm::Expected<Constant *> row = entryRow(value);
    if (!row)
      return row.takeError();
    entries.push_back(*row);
  }
  for (const ArtifactKernel &value : artifact.kernels) {
    llvm::Expected<Constant *> row = kernelRow(value, code != nullptr);
    if (!row)
      return row.takeError();
    kernels.push_back(*row);
  }
  llvm::Expected<Constant *> deviceRow =
      code ? deviceTable(artifact, *options.gpu, *code)
           : llvm::Expected<Constant *>(null());
  if (!deviceRow)
    return deviceRow.takeError();
  auto *table = array(entry, entries, "nnc.entries");
  entryTable = llvm::cast<GlobalVariable>(table);
  std::string target = options.triple + " " + options.name;
  uint32_t version = NNCRT_ABI_VERSION;
  if (use.weights == WeightsPlace::File && artifact.weightsBytes > 0)
    version |= NNCRT_WEIGHTS_IN_FILE;
  modelTable = addGlobal(
      llvm::ConstantStruct::get(
          model,
          {int32(NNCRT_MAGIC), int32(version), text(compilerVersion),
           text(target), features(options), text(makeSignatureJson(artifact)),
           weights(artifact, options), int64(artifact.weightsBytes),
           int32(entries.size()), int32(kernels.size()), table,
           array(kernel, kernels, "nnc.kernels"),
           options.nextVariant.empty()
               ? null()
               : declareHidden(options.prefix + options.nextVariant + "_model"),
           *deviceRow}),
      "nnc.model");
  exportAs(modelTable, options.symbolPrefix() + "_model");
  if (use.kind == ArtifactUse::Variant) {
    modelTable->setVisibility(GlobalValue::HiddenVisibility);
    return Error::success();
  }
  addFunctions();
  if (use.kind == ArtifactUse::SharedLibrary)
    addLibrary();
  return Error::success();
}

Error mlir::nnc::emitTables(llvm::Module &module, const ArtifactInfo &info,
                            const TargetOptions &options, ArtifactUse use,
                            const DeviceCode *device) {
  if (Error error = checkSymbolPrefix(options.prefix))
    return error;
  if (info.entries.empty())
    return makeError("expects at least one entry");
  return TableBuilder(module, options.prefix).run(info, options, use, device);
}
