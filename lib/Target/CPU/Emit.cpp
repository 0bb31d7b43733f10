//===----------------------------------------------------------------------===//
// Artifacts as files.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/CPU/Emit.h"

#include "lib/Target/CPU/Link.h"
#include "lib/Target/CPU/PendingFile.h"
#include "lib/Target/CPU/Weights.h"
#include "nnc/Target/CPU/Codegen.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/MathExtras.h"
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
      .Case(".ptx", OutputKind::PTX)
      .Default(std::nullopt);
}

static bool isText(OutputKind kind) {
  return kind == OutputKind::LLVMIR || kind == OutputKind::Assembly ||
         kind == OutputKind::PTX;
}

/// Is there such a text for the target?
static Error checkText(OutputKind kind, const NncTargetOptions &options) {
  if (kind == OutputKind::PTX && !options.gpu)
    return llvm::createStringError(
        "ptx is the code of a GPU, but the target is '" + options.name +
        "'; name one such as cuda:sm_80");
  if (kind == OutputKind::Assembly && options.gpu)
    return llvm::createStringError("the target '" + options.name +
                                   "' is a GPU, whose assembly is ptx");
  return Error::success();
}

namespace {
/// A variant and what its module says.
struct Part {
  const ArtifactVariant &variant;
  ArtifactInfo info;

  /// Are there weights that are not those of another variant?
  bool ownsWeights() const {
    return info.weightsBytes > 0 && !variant.options.weightsVariant.has_value();
  }
};

/// An artifact in the making.
class Emission {
public:
  Emission(ArrayRef<Part> parts, OutputKind kind, StringRef path,
           WeightsPlace place)
      : parts(parts), kind(kind), path(path), place(place),
        options(parts.front().variant.options) {}

  Error run(PendingFile &output) {
    if (isText(kind))
      return time("codegen", [&] {
        return options.gpu ? writeDeviceText(output) : writeCodeText(output);
      });
    for (const Part &part : parts) {
      if (Error error = time("codegen", [&] { return addCode(part); }))
        return error;
      if (!part.ownsWeights() || place == WeightsPlace::File)
        continue;
      if (Error error = time("weights", [&] { return addWeights(part); }))
        return error;
    }
    if (place == WeightsPlace::File)
      if (Error error = time("weights", [&] { return addWeightsFile(); }))
        return error;
    return time("link", [&] { return pack(output); });
  }

  /// The files appear, the library as the last.
  Error commit(PendingFile &output) {
    if (weightsFile)
      if (Error error = weightsFile->commit())
        return error;
    return output.commit();
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
  Error writeDeviceText(PendingFile &output);
  Error addCode(const Part &part);
  Error addWeights(const Part &part);
  Error addWeightsFile();
  Error writeArchive(PendingFile &output);
  Error pack(PendingFile &output);

  /// Parts lie where there has to be space for the whole. In an archive they
  /// are called `name`.
  Error addObject(const Twine &name,
                  llvm::function_ref<Error(llvm::raw_ostream &)> write) {
    Expected<PendingFile> file = PendingFile::create(path);
    if (!file)
      return file.takeError();
    if (Error error = file->write(write))
      return error;
    objects.push_back(file->path());
    names.push_back(name.str());
    files.push_back(std::move(*file));
    return Error::success();
  }

  ArrayRef<Part> parts;
  OutputKind kind;
  StringRef path;
  WeightsPlace place;
  const NncTargetOptions &options; ///< Of the first variant.
  std::optional<PendingFile> weightsFile;
  std::vector<PendingFile> files;
  std::vector<std::string> objects, names;
};
} // namespace

/// The kernels of a model for a GPU.
Error Emission::writeDeviceText(PendingFile &output) {
  const Part &part = parts.front();
  Expected<DeviceModule> code =
      translateDevicePart(part.variant.module, part.info, options);
  if (!code)
    return code.takeError();
  if (kind == OutputKind::LLVMIR)
    return output.write([&](llvm::raw_ostream &os) {
      code->module->print(os, nullptr);
      return Error::success();
    });
  Expected<std::string> ptx =
      makeImage(*code->module, ImageKind::PTX, *options.gpu);
  if (!ptx)
    return ptx.takeError();
  return output.write([&](llvm::raw_ostream &os) {
    os << *ptx;
    return Error::success();
  });
}

/// One LLVM module: for people to read.
Error Emission::writeCodeText(PendingFile &output) {
  Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  Expected<CodeModule> code =
      translate(parts.front().variant.module, parts.front().info, options,
                ArtifactUse::Link);
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

Error Emission::addCode(const Part &part) {
  const NncTargetOptions &own = part.variant.options;
  ArtifactUse::Kind use = !own.variant.empty() ? ArtifactUse::Variant
                          : kind == OutputKind::SharedLibrary
                              ? ArtifactUse::SharedLibrary
                              : ArtifactUse::Link;
  Expected<std::vector<ObjectBytes>> code = compileObjects(
      part.variant.module, part.info, own, ArtifactUse(use, place));
  if (!code)
    return code.takeError();
  for (size_t i = 0; i < code->size(); ++i) {
    const ObjectBytes &bytes = (*code)[i];
    std::string suffix = i == 0 ? "" : "_" + std::to_string(i);
    if (Error error = addObject(own.symbolPrefix() + suffix + ".o",
                                [&](llvm::raw_ostream &os) {
                                  os.write(bytes.data(), bytes.size());
                                  return Error::success();
                                }))
      return error;
  }
  return Error::success();
}

Error Emission::addWeights(const Part &part) {
  const NncTargetOptions &own = part.variant.options;
  return addObject(own.symbolPrefix() + "_weights.o",
                   [&](llvm::raw_ostream &os) {
                     return writeWeightsObject(part.info, own, os);
                   });
}

/// The weights of all variants in one file, and for each what the runtime has
/// to know of it.
Error Emission::addWeightsFile() {
  SmallVector<WeightsBlock> blocks;
  SmallVector<const NncTargetOptions *> owners;
  uint64_t end = 0;
  for (const Part &part : parts) {
    if (!part.ownsWeights())
      continue;
    const NncTargetOptions &own = part.variant.options;
    end = llvm::alignTo(end, NNCRT_ALIGNMENT);
    blocks.push_back({&part.info,
                      parts.size() == 1 ? "weights" : own.name + ".weights",
                      end});
    owners.push_back(&own);
    end += part.info.weightsBytes;
  }
  if (blocks.empty())
    return Error::success();
  SmallString<256> target(path);
  llvm::sys::path::replace_extension(target, "safetensors");
  if (Error error = checkReplaceable(target))
    return error;
  Expected<PendingFile> file = PendingFile::create(target);
  if (!file)
    return file.takeError();
  weightsFile.emplace(std::move(*file));
  std::string header = makeWeightsHeader(blocks);
  if (Error error = weightsFile->write([&](llvm::raw_ostream &os) {
        return writeWeightsFile(blocks, header, os);
      }))
    return error;
  Expected<nncrt_weights_file> description =
      describeWeightsFile(weightsFile->path(), target);
  if (!description)
    return description.takeError();
  for (size_t i = 0; i < blocks.size(); ++i) {
    description->offset = header.size() + blocks[i].offset;
    StringRef bytes(reinterpret_cast<const char *>(&*description),
                    sizeof *description);
    if (Error error = addObject(owners[i]->symbolPrefix() + "_weights.o",
                                [&](llvm::raw_ostream &os) {
                                  return writeBytesObject(bytes, *owners[i],
                                                          os);
                                }))
      return error;
  }
  return Error::success();
}

Error Emission::writeArchive(PendingFile &output) {
  std::vector<llvm::NewArchiveMember> members;
  for (auto [path, name] : llvm::zip(objects, names)) {
    auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
    if (!buffer)
      return llvm::createStringError(buffer.getError(),
                                     "cannot read '" + path +
                                         "': " + buffer.getError().message());
    llvm::NewArchiveMember member((*buffer)->getMemBufferRef());
    member.Buf = std::move(*buffer);
    member.MemberName = name;
    members.push_back(std::move(member));
  }
  return output.write([&](llvm::raw_ostream &os) {
    return llvm::writeArchiveToStream(
        os, members, llvm::SymtabWritingMode::NormalSymtab,
        llvm::object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false);
  });
}

Error Emission::pack(PendingFile &output) {
  if (kind == OutputKind::Archive)
    return writeArchive(output);
  if (kind == OutputKind::Object)
    return linkRelocatable(objects, output.path(), options);
  StringRef soname =
      path == "-" ? StringRef("model.so") : llvm::sys::path::filename(path);
  return linkSharedLibrary(objects, output.path(), soname, options);
}

static bool haveSameWeights(const ArtifactInfo &a, const ArtifactInfo &b) {
  return a.weightsBytes == b.weightsBytes &&
         llvm::equal(a.weights, b.weights,
                     [](const ArtifactWeight &x, const ArtifactWeight &y) {
                       return x.offset == y.offset && x.data == y.data &&
                              x.type == y.type;
                     });
}

/// Reads what the modules say and names the variants' symbols.
static Expected<std::vector<Part>>
prepareParts(llvm::MutableArrayRef<ArtifactVariant> variants, StringRef path) {
  std::string prefix = variants.front().options.prefix;
  if (prefix.empty())
    prefix = makeSymbolPrefix(path == "-" ? "model" : path);
  if (Error error = checkSymbolPrefix(prefix))
    return error;
  std::vector<Part> parts;
  for (auto [i, variant] : llvm::enumerate(variants)) {
    NncTargetOptions &options = variant.options;
    options.prefix = prefix;
    // No C identifier, so that it is no model's prefix.
    options.variant = i == 0 ? "" : "." + std::to_string(i);
    options.nextVariant =
        i + 1 < variants.size() ? "." + std::to_string(i + 1) : "";
    Expected<ArtifactInfo> info = readArtifactInfo(variant.module);
    if (!info)
      return info.takeError();
    options.weightsVariant = std::nullopt;
    for (const Part &other : parts)
      if (!options.weightsVariant && haveSameWeights(other.info, *info))
        options.weightsVariant = other.variant.options.variant;
    parts.push_back({variant, std::move(*info)});
  }
  return parts;
}

Expected<EmitResult>
mlir::nnc::emitArtifact(llvm::MutableArrayRef<ArtifactVariant> variants,
                        OutputKind kind, StringRef path, WeightsPlace place) {
  if (place == WeightsPlace::File &&
      (kind != OutputKind::SharedLibrary || path == "-"))
    return llvm::createStringError(
        "weights in a file of their own are for shared libraries, which find "
        "them beside themselves");
  if (variants.empty() || (isText(kind) && variants.size() > 1))
    return llvm::createStringError("expects one target, or several for an "
                                   "object, an archive or a shared library");
  if (Error error = checkText(kind, variants.front().options))
    return error;
  Expected<std::vector<Part>> parts = prepareParts(variants, path);
  if (!parts)
    return parts.takeError();
  const NncTargetOptions &first = variants.front().options;
  // What would fail at the end is found before the work.
  if (kind == OutputKind::SharedLibrary) {
    Expected<std::string> runtime = findRuntimeArchive(first);
    if (!runtime)
      return runtime.takeError();
  }
  Expected<PendingFile> output = PendingFile::create(path);
  if (!output)
    return output.takeError();
  Emission emission(*parts, kind, path, place);
  if (Error error = emission.run(*output))
    return error;
  EmitResult result;
  result.times = std::move(emission.times);
  result.prefix = first.prefix;
  for (const Part &part : *parts)
    if (part.ownsWeights())
      result.weightsBytes += part.info.weightsBytes;
  result.fileBytes = output->bytes();
  if (Error error = emission.commit(*output))
    return error;
  return result;
}

Expected<EmitResult> mlir::nnc::emitArtifact(ModuleOp module,
                                             const NncTargetOptions &options,
                                             OutputKind kind, StringRef path) {
  ArtifactVariant variant{module, options};
  return emitArtifact(variant, kind, path);
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
