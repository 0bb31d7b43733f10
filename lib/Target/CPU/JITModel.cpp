//===----------------------------------------------------------------------===//
// A compiled model in the memory of this process.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/CPU/JITModel.h"

#include "lib/Runtime/HalfFloat.h"
#include "lib/Target/CPU/Weights.h"
#include "nnc/Target/CPU/Codegen.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/Memory.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"

#include <cstring>

using namespace mlir;
using namespace mlir::nnc;
using llvm::Error;
using llvm::Expected;
using NncTargetOptions = mlir::nnc::TargetOptions;
namespace orc = llvm::orc;

struct JITModel::State {
  const nncrt_model *tables = nullptr;
  uint64_t codeBytes = 0;
  /// What the session reported beside the errors that it returned.
  std::string reports;
  llvm::sys::OwningMemoryBlock weights;
  std::unique_ptr<orc::LLJIT> jit;
};

JITModel::JITModel(std::unique_ptr<State> state) : state(std::move(state)) {}
JITModel::~JITModel() = default;
const nncrt_model *JITModel::tables() const { return state->tables; }
uint64_t JITModel::codeBytes() const { return state->codeBytes; }

/// Copies the weights to pages of their own, which then become read-only.
static Expected<llvm::sys::OwningMemoryBlock>
loadWeights(const ArtifactInfo &info) {
  using llvm::sys::Memory;
  if (info.weightsBytes == 0)
    return llvm::sys::OwningMemoryBlock();
  std::error_code code;
  llvm::sys::OwningMemoryBlock block(Memory::allocateMappedMemory(
      info.weightsBytes, nullptr, Memory::MF_READ | Memory::MF_WRITE, code));
  if (code)
    return llvm::createStringError(code, "no memory for %llu bytes of weights",
                                   (unsigned long long)info.weightsBytes);
  auto *out = static_cast<uint8_t *>(block.base());
  if (Error error = copyWeights(info, [&](const uint8_t *data, size_t bytes) {
        std::memcpy(out, data, bytes);
        out += bytes;
      }))
    return error;
  if ((code = Memory::protectMappedMemory(block.getMemoryBlock(),
                                          Memory::MF_READ)))
    return llvm::createStringError(code, "cannot protect the weights");
  return block;
}

/// The runtime's functions, as this program links them.
static orc::SymbolMap runtimeSymbols(orc::LLJIT &jit) {
  orc::SymbolMap symbols;
  auto add = [&](StringRef name, auto *function) {
    symbols[jit.mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(function),
                                          llvm::JITSymbolFlags::Exported |
                                              llvm::JITSymbolFlags::Callable};
  };
#define NNC_RUNTIME_FUNCTION(name) add(#name, &name)
  NNC_RUNTIME_FUNCTION(nncrt_input);
  NNC_RUNTIME_FUNCTION(nncrt_input_dim);
  NNC_RUNTIME_FUNCTION(nncrt_output);
  NNC_RUNTIME_FUNCTION(nncrt_weights);
  NNC_RUNTIME_FUNCTION(nncrt_strings);
  NNC_RUNTIME_FUNCTION(nncrt_to_host);
  NNC_RUNTIME_FUNCTION(nncrt_to_device);
  NNC_RUNTIME_FUNCTION(nncrt_arena);
  NNC_RUNTIME_FUNCTION(nncrt_place);
  NNC_RUNTIME_FUNCTION(nncrt_grow_scratch);
  NNC_RUNTIME_FUNCTION(nncrt_out_of_bounds);
  NNC_RUNTIME_FUNCTION(nncrt_input_list);
  NNC_RUNTIME_FUNCTION(nncrt_output_list);
  NNC_RUNTIME_FUNCTION(nncrt_list_create);
  NNC_RUNTIME_FUNCTION(nncrt_list_length);
  NNC_RUNTIME_FUNCTION(nncrt_list_insert);
  NNC_RUNTIME_FUNCTION(nncrt_list_erase);
  NNC_RUNTIME_FUNCTION(nncrt_list_at);
  NNC_RUNTIME_FUNCTION(nncrt_list_join);
  NNC_RUNTIME_FUNCTION(nncrt_pool);
  NNC_RUNTIME_FUNCTION(nncrt_parallel);
  NNC_RUNTIME_FUNCTION(nncrt_fail);
  NNC_RUNTIME_FUNCTION(nncrt_status);
  NNC_RUNTIME_FUNCTION(nncrt_context_create);
  NNC_RUNTIME_FUNCTION(nnc_context_run);
  NNC_RUNTIME_FUNCTION(nnc_context_destroy);
#if defined(__x86_64__)
  NNC_RUNTIME_FUNCTION(__extendhfsf2);
  NNC_RUNTIME_FUNCTION(__truncsfhf2);
  NNC_RUNTIME_FUNCTION(__truncdfhf2);
  NNC_RUNTIME_FUNCTION(__truncsfbf2);
  NNC_RUNTIME_FUNCTION(__truncdfbf2);
#endif
#undef NNC_RUNTIME_FUNCTION
  return symbols;
}

static Expected<std::unique_ptr<orc::LLJIT>>
createJIT(const NncTargetOptions &options) {
  orc::JITTargetMachineBuilder builder{llvm::Triple(options.triple)};
  builder.setCPU(options.cpu);
  Expected<std::unique_ptr<orc::LLJIT>> jit =
      orc::LLJITBuilder()
          .setJITTargetMachineBuilder(std::move(builder))
          .setPlatformSetUp(orc::setUpInactivePlatform)
          .create();
  if (!jit)
    return jit.takeError();
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  return jit;
}

/// Links the objects with the runtime and the weights and finds the tables.
static Expected<const nncrt_model *> link(orc::LLJIT &jit,
                                          std::vector<ObjectBytes> objects,
                                          void *weights,
                                          const std::string &prefix) {
  orc::SymbolMap symbols = runtimeSymbols(jit);
  if (weights)
    symbols[jit.mangleAndIntern(prefix + "_weights")] = {
        orc::ExecutorAddr::fromPtr(weights), llvm::JITSymbolFlags::Exported};
  if (Error error = jit.getMainJITDylib().define(
          orc::absoluteSymbols(std::move(symbols))))
    return error;
  for (ObjectBytes &object : objects)
    if (Error error =
            jit.addObjectFile(std::make_unique<llvm::SmallVectorMemoryBuffer>(
                std::move(object), prefix + ".o",
                /*RequiresNullTerminator=*/false)))
      return error;
  Expected<orc::ExecutorAddr> root = jit.lookup(prefix + "_model");
  if (!root)
    return root.takeError();
  return root->toPtr<const nncrt_model *>();
}

Expected<std::unique_ptr<JITModel>>
JITModel::create(ModuleOp module, const NncTargetOptions &options) {
  if (Error error = checkRunsHere(options))
    return error;
  NncTargetOptions complete = options;
  if (complete.prefix.empty())
    complete.prefix = "model";
  Expected<ArtifactInfo> info = readArtifactInfo(module);
  if (!info)
    return info.takeError();
  Expected<std::vector<ObjectBytes>> objects =
      compileObjects(module, *info, complete, ArtifactUse::Link);
  if (!objects)
    return objects.takeError();
  auto state = std::make_unique<State>();
  for (const ObjectBytes &object : *objects)
    state->codeBytes += object.size();
  Expected<llvm::sys::OwningMemoryBlock> weights = loadWeights(*info);
  if (!weights)
    return weights.takeError();
  state->weights = std::move(*weights);
  Expected<std::unique_ptr<orc::LLJIT>> jit = createJIT(complete);
  if (!jit)
    return jit.takeError();
  state->jit = std::move(*jit);
  state->jit->getExecutionSession().setErrorReporter(
      [&reports = state->reports](Error error) {
        reports += llvm::toString(std::move(error)) + "; ";
      });
  Expected<const nncrt_model *> tables = link(
      *state->jit, std::move(*objects), state->weights.base(), complete.prefix);
  if (!tables)
    return llvm::createStringError(
        "loading the code failed: " + state->reports +
        llvm::toString(tables.takeError()));
  state->tables = *tables;
  return std::unique_ptr<JITModel>(new JITModel(std::move(state)));
}
