//===----------------------------------------------------------------------===//
// Artifacts as files.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/CPU/Emit.h"

#include "lib/Target/CPU/Link.h"
#include "lib/Target/CPU/PendingFile.h"
#include "nnc/Target/CPU/Codegen.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/Path.h"

#include <chrono>

using namespace mlir;
using namespace mlir::nnc;
using llvm::Error;
using llvm::Expected;
using NncTargetOptions = mlir::nnc::TargetOptions;

std::optional<OutputKind> mlir::nnc::getOutputKind(StringRef path) {
  return llvm::StringSwitch<std::optional<OutputKind>>(
             llvm::sys::path::extension(path))
      .Case(".so", OutputKind::SharedLibrary)
      .Case(".a", OutputKind::Archive)
      .Case(".o", OutputKind::Object)
      .Case(".s", OutputKind::Assembly)
      .Case(".ll", OutputKind::LLVMIR)
      .Default(std::nullopt);
}

/// Writes the objects as members of an archive: the code, numbered from the
/// second object on, then the weights.
static Error writeObjectArchive(ArrayRef<std::string> objects, bool hasWeights,
                                PendingFile &output,
                                const NncTargetOptions &options) {
  std::vector<std::string> names;
  for (size_t i = 0; i < objects.size(); ++i) {
    bool isWeights = hasWeights && i + 1 == objects.size();
    std::string suffix = isWeights ? "_weights"
                         : i == 0  ? ""
                                   : "_" + std::to_string(i);
    names.push_back(options.prefix + suffix + ".o");
  }
  std::vector<llvm::NewArchiveMember> members;
  for (auto [i, path] : llvm::enumerate(objects)) {
    auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
    if (!buffer)
      return llvm::createStringError(buffer.getError(),
                                     "cannot read '" + path +
                                         "': " + buffer.getError().message());
    llvm::NewArchiveMember member((*buffer)->getMemBufferRef());
    member.Buf = std::move(*buffer);
    member.MemberName = names[i];
    members.push_back(std::move(member));
  }
  return output.write([&](llvm::raw_ostream &os) {
    return llvm::writeArchiveToStream(
        os, members, llvm::SymtabWritingMode::NormalSymtab,
        llvm::object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false);
  });
}

namespace {
/// An artifact in the making.
class Emission {
public:
  Emission(ModuleOp module, const ArtifactInfo &info,
           const NncTargetOptions &options, OutputKind kind, StringRef path)
      : module(module), info(info), options(options), kind(kind), path(path) {}

  Error run(PendingFile &output) {
    if (kind == OutputKind::LLVMIR || kind == OutputKind::Assembly)
      return time("codegen", [&] { return writeCodeText(output); });
    if (Error error = time("codegen", [&] { return addCode(); }))
      return error;
    if (info.weightsBytes > 0)
      if (Error error = time("weights", [&] { return addWeights(); }))
        return error;
    return time("link", [&] { return pack(output); });
  }

  std::vector<std::pair<std::string, double>> times;

private:
  Error time(const char *name, llvm::function_ref<Error()> work) {
    auto begin = std::chrono::steady_clock::now();
    Error error = work();
    std::chrono::duration<double, std::milli> spent =
        std::chrono::steady_clock::now() - begin;
    times.emplace_back(name, spent.count());
    return error;
  }

  Error writeCodeText(PendingFile &output);
  Error addCode();
  Error addWeights();
  Error pack(PendingFile &output);

  /// Parts lie where there has to be space for the whole.
  Error addObject(llvm::function_ref<Error(llvm::raw_ostream &)> write) {
    Expected<PendingFile> file = PendingFile::create(path);
    if (!file)
      return file.takeError();
    if (Error error = file->write(write))
      return error;
    objects.push_back(file->path());
    files.push_back(std::move(*file));
    return Error::success();
  }

  ModuleOp module;
  const ArtifactInfo &info;
  const NncTargetOptions &options;
  OutputKind kind;
  StringRef path;
  std::vector<PendingFile> files;
  std::vector<std::string> objects;
};
} // namespace

/// One LLVM module: for people to read.
Error Emission::writeCodeText(PendingFile &output) {
  Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  Expected<CodeModule> code =
      translate(module, info, options, ArtifactUse::Link);
  if (!code)
    return code.takeError();
  optimize(*code->module, **machine, options);
  if (kind == OutputKind::LLVMIR)
    return output.write([&](llvm::raw_ostream &os) {
      code->module->print(os, nullptr);
      return Error::success();
    });
  Expected<ObjectBytes> bytes = generateCode(
      *code->module, **machine, llvm::CodeGenFileType::AssemblyFile);
  if (!bytes)
    return bytes.takeError();
  return output.write([&](llvm::raw_ostream &os) {
    os.write(bytes->data(), bytes->size());
    return Error::success();
  });
}

Error Emission::addCode() {
  Expected<std::vector<ObjectBytes>> code = compileObjects(
      module, info, options,
      kind == OutputKind::SharedLibrary ? ArtifactUse::SharedLibrary
                                        : ArtifactUse::Link);
  if (!code)
    return code.takeError();
  for (const ObjectBytes &bytes : *code)
    if (Error error = addObject([&](llvm::raw_ostream &os) {
          os.write(bytes.data(), bytes.size());
          return Error::success();
        }))
      return error;
  return Error::success();
}

Error Emission::addWeights() {
  return addObject([&](llvm::raw_ostream &os) {
    return writeWeightsObject(info, options, os);
  });
}

Error Emission::pack(PendingFile &output) {
  if (kind == OutputKind::Archive)
    return writeObjectArchive(objects, info.weightsBytes > 0, output, options);
  if (kind == OutputKind::Object)
    return linkRelocatable(objects, output.path(), options);
  StringRef soname =
      path == "-" ? StringRef("model.so") : llvm::sys::path::filename(path);
  return linkSharedLibrary(objects, output.path(), soname, options);
}

Expected<EmitResult> mlir::nnc::emitArtifact(ModuleOp module,
                                             const NncTargetOptions &options,
                                             OutputKind kind, StringRef path) {
  NncTargetOptions complete = options;
  if (complete.prefix.empty())
    complete.prefix = makeSymbolPrefix(path == "-" ? "model" : path);
  if (Error error = checkSymbolPrefix(complete.prefix))
    return error;
  Expected<ArtifactInfo> info = readArtifactInfo(module);
  if (!info)
    return info.takeError();
  // What would fail at the end is found before the work.
  if (kind == OutputKind::SharedLibrary) {
    Expected<std::string> runtime = findRuntimeArchive(complete);
    if (!runtime)
      return runtime.takeError();
  }
  Expected<PendingFile> output = PendingFile::create(path);
  if (!output)
    return output.takeError();
  Emission emission(module, *info, complete, kind, path);
  if (Error error = emission.run(*output))
    return error;
  EmitResult result;
  result.times = std::move(emission.times);
  result.prefix = complete.prefix;
  result.weightsBytes = info->weightsBytes;
  result.fileBytes = output->bytes();
  if (Error error = output->commit())
    return error;
  return result;
}

Error mlir::nnc::emitText(StringRef path,
                          llvm::function_ref<void(llvm::raw_ostream &)> write) {
  Expected<PendingFile> output = PendingFile::create(path);
  if (!output)
    return output.takeError();
  if (Error error = output->write([&](llvm::raw_ostream &os) {
        write(os);
        return Error::success();
      }))
    return error;
  return output->commit();
}

Error mlir::nnc::emitCHeader(const ArtifactInfo &info, StringRef prefix,
                             StringRef path) {
  if (Error error = checkSymbolPrefix(prefix))
    return error;
  return emitText(
      path, [&](llvm::raw_ostream &os) { os << makeCHeader(info, prefix); });
}
