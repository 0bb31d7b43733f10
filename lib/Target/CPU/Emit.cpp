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

/// Writes the objects as members of an archive, the code first.
static Error writeObjectArchive(ArrayRef<std::string> objects,
                                PendingFile &output,
                                const NncTargetOptions &options) {
  std::vector<llvm::NewArchiveMember> members;
  std::string names[] = {options.prefix + ".o", options.prefix + "_weights.o"};
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

/// Writes `output` from the code and the weights, which go to files beside it.
static Error packArtifact(const llvm::SmallVectorImpl<char> &object,
                          const ArtifactInfo &info,
                          const NncTargetOptions &options, OutputKind kind,
                          StringRef path, PendingFile &output) {
  // The parts lie where there has to be space for the whole.
  Expected<PendingFile> code = PendingFile::create(path);
  if (!code)
    return code.takeError();
  Expected<PendingFile> weights = PendingFile::create(path);
  if (!weights)
    return weights.takeError();
  std::vector<std::string> objects = {code->path()};
  if (Error error = code->write([&](llvm::raw_ostream &os) {
        os.write(object.data(), object.size());
        return Error::success();
      }))
    return error;
  if (info.weightsBytes > 0) {
    if (Error error = weights->write([&](llvm::raw_ostream &os) {
          return writeWeightsObject(info, options, os);
        }))
      return error;
    objects.push_back(weights->path());
  }
  if (kind == OutputKind::Archive)
    return writeObjectArchive(objects, output, options);
  if (kind == OutputKind::Object)
    return linkRelocatable(objects, output.path(), options);
  StringRef soname =
      path == "-" ? StringRef("model.so") : llvm::sys::path::filename(path);
  return linkSharedLibrary(objects, output.path(), soname, options);
}

static Error writeArtifact(ModuleOp module, const ArtifactInfo &info,
                           const NncTargetOptions &options, OutputKind kind,
                           StringRef path, PendingFile &output) {
  Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  Expected<CodeModule> code =
      translate(module, info, options,
                kind == OutputKind::SharedLibrary ? ArtifactUse::SharedLibrary
                                                  : ArtifactUse::Link);
  if (!code)
    return code.takeError();
  optimize(*code->module, **machine, options);
  if (kind == OutputKind::LLVMIR)
    return output.write([&](llvm::raw_ostream &os) {
      code->module->print(os, nullptr);
      return Error::success();
    });
  Expected<llvm::SmallVector<char, 0>> bytes = generateCode(
      *code->module, **machine,
      kind == OutputKind::Assembly ? llvm::CodeGenFileType::AssemblyFile
                                   : llvm::CodeGenFileType::ObjectFile);
  if (!bytes)
    return bytes.takeError();
  if (kind == OutputKind::Assembly)
    return output.write([&](llvm::raw_ostream &os) {
      os.write(bytes->data(), bytes->size());
      return Error::success();
    });
  return packArtifact(*bytes, info, options, kind, path, output);
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
  if (Error error = writeArtifact(module, *info, complete, kind, path, *output))
    return error;
  EmitResult result;
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
