//===----------------------------------------------------------------------===//
// Names of targets, and names of symbols.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/CPU/TargetOptions.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "nnc/Runtime/nncrt.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/TargetParser/AArch64TargetParser.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace mlir::nnc;
using llvm::SmallVector;
using llvm::StringRef;

static constexpr llvm::StringLiteral x86Triple = "x86_64-unknown-linux-gnu";
static constexpr llvm::StringLiteral armTriple = "aarch64-unknown-linux-gnu";
#if defined(__x86_64__)
static constexpr llvm::StringLiteral hostTriple = x86Triple;
static constexpr llvm::StringLiteral hostBase = "x86-64";
#else
static constexpr llvm::StringLiteral hostTriple = armTriple;
static constexpr llvm::StringLiteral hostBase = "aarch64";
#endif

template <typename... Args>
static llvm::Error makeError(const char *format, const Args &...args) {
  return llvm::createStringError(std::errc::invalid_argument, format, args...);
}

bool TargetOptions::hasFeature(StringRef feature) const {
  return llvm::is_contained(features, feature);
}

StringRef TargetOptions::getArchitecture() const {
  return StringRef(triple).split('-').first;
}

bool TargetOptions::isHostArchitecture() const {
  return getArchitecture() == hostTriple.split('-').first;
}

std::string mlir::nnc::getTargetFolder(const TargetOptions &options) {
  std::string program = llvm::sys::fs::getMainExecutable(nullptr, nullptr);
  llvm::SmallString<256> place(llvm::sys::path::parent_path(program));
  llvm::sys::path::append(place, "..", "lib");
  if (!options.isHostArchitecture())
    llvm::sys::path::append(place, options.getArchitecture());
  llvm::sys::path::remove_dots(place, /*remove_dot_dot=*/true);
  return place.str().str();
}

/// Features that an artifact may list. Tiles are left out: no code uses them,
/// and the operating system may refuse them to a process.
static bool isRecorded(StringRef feature) {
  if (feature.starts_with("amx-"))
    return false;
  for (const char *const *name = nncrt_known_cpu_features; *name; ++name)
    if (feature == *name)
      return true;
  return false;
}

static bool isX86Cpu(StringRef name) {
  SmallVector<StringRef> names;
  llvm::X86::fillValidCPUArchList(names, /*Only64Bit=*/true);
  return llvm::is_contained(names, name);
}

/// What every x86-64 has; LLVM does not list all of it for every CPU.
static const StringRef x86Baseline[] = {"cmov", "cx8",  "fxsr", "mmx",
                                        "sse",  "sse2", "x87"};

/// Sorted, without duplicates, nothing that an artifact may not list.
static std::vector<std::string> x86Features(StringRef cpu) {
  SmallVector<StringRef> listed;
  llvm::X86::getFeaturesForCPU(cpu, listed);
  llvm::StringMap<bool> all;
  for (StringRef name : llvm::concat<const StringRef>(listed, x86Baseline)) {
    all[name] = true;
    llvm::X86::updateImpliedFeatures(name, /*Enabled=*/true, all);
  }
  std::vector<std::string> features;
  for (StringRef name : all.keys())
    if (isRecorded(name))
      features.push_back(name.str());
  llvm::sort(features);
  return features;
}

/// The best row of the table of machines for code with these features.
static std::string findMachine(const TargetOptions &options) {
  if (options.triple == armTriple)
    return hw::findDescription(options.tuneCpu) ? options.tuneCpu : "aarch64";
  if (llvm::is_contained(hw::getKnownTargetNames(), StringRef(options.tuneCpu)))
    return options.tuneCpu;
  for (StringRef level : {"x86-64-v4", "x86-64-v3", "x86-64-v2"}) {
    auto has = [&](StringRef name) { return options.hasFeature(name); };
    if (llvm::all_of(x86Features(level), has))
      return level.str();
  }
  return "x86-64";
}

static void finish(TargetOptions &options) {
  llvm::sort(options.features);
  options.features.erase(llvm::unique(options.features),
                         options.features.end());
  options.machine = findMachine(options);
}

/// What every CPU of this machine's architecture has.
static void addBaseline(TargetOptions &options) {
  if (hostTriple == x86Triple)
    for (StringRef name : x86Baseline)
      options.features.push_back(name.str());
  else
    for (StringRef name : {"fp-armv8", "neon"})
      options.features.push_back(name.str());
}

static TargetOptions resolveHost() {
  TargetOptions options;
  options.name = "host";
  options.triple = hostTriple.str();
  options.cpu = hostTriple == x86Triple ? "x86-64" : "generic";
  options.tuneCpu = llvm::sys::getHostCPUName().str();
  if (hostTriple == x86Triple && !isX86Cpu(options.tuneCpu))
    options.tuneCpu = "generic";
  for (const auto &feature : llvm::sys::getHostCPUFeatures()) {
    std::string name = feature.getKey().str();
    if (feature.getValue() && isRecorded(name) && nncrt_cpu_has(name.c_str()))
      options.features.push_back(name);
  }
  // It is not always reported.
  addBaseline(options);
  finish(options);
  return options;
}

static TargetOptions resolveX86(StringRef name) {
  TargetOptions options;
  options.name = name.str();
  options.triple = x86Triple.str();
  options.cpu = "x86-64";
  // LLVM tunes the levels for no CPU in particular.
  options.tuneCpu = name.starts_with("x86-64") ? "generic" : name.str();
  options.features = x86Features(name);
  finish(options);
  return options;
}

/// `cpu` is what code is tuned for; it runs on all.
static TargetOptions resolveAArch64(StringRef name, StringRef cpu) {
  TargetOptions options;
  options.name = name.str();
  options.triple = armTriple.str();
  options.cpu = "generic";
  options.tuneCpu = cpu.str();
  options.features = {"fp-armv8", "neon"};
  finish(options);
  return options;
}

/// A description says of which target it is, and what the machine can do.
static llvm::Expected<TargetOptions> resolveFile(StringRef path) {
  auto description = hw::TargetDescription::load(path);
  if (!description)
    return description.takeError();
  if (hw::isTargetFile(description->name))
    return makeError("'%s': expects the name of a target, but got '%s'",
                     path.str().c_str(), description->name.c_str());
  llvm::Expected<TargetOptions> options = resolveTarget(description->name);
  if (options)
    options->machine = path.str();
  return options;
}

/// The host functions of a model for a GPU run on any CPU of the architecture.
static TargetOptions resolveGpu(const GpuTarget &gpu) {
  TargetOptions options;
  options.name = gpu.name;
  options.triple = hostTriple.str();
  options.cpu = hostTriple == x86Triple ? "x86-64" : "generic";
  options.tuneCpu = "generic";
  addBaseline(options);
  llvm::sort(options.features);
  options.machine = gpu.machine;
  options.gpu = gpu;
  return options;
}

llvm::Expected<TargetOptions> mlir::nnc::resolveTarget(StringRef name) {
  if (name == "host")
    return resolveHost();
  if (hw::isTargetFile(name))
    return resolveFile(name);
  if (std::optional<GpuTarget> gpu = findGpuTarget(name))
    return resolveGpu(*gpu);
  if (name == "aarch64")
    return resolveAArch64(name, "generic");
  if (llvm::AArch64::parseCpu(name) && hw::findDescription(name))
    return resolveAArch64(name, name);
  // The runtime's list of features is that of the machine it is built for.
  if (hostTriple == x86Triple && isX86Cpu(name))
    return resolveX86(name);
  std::string known = "host";
  for (StringRef row : hw::getKnownTargetNames())
    if (!hw::isGpuTarget(row) && (row == "aarch64" || hostTriple == x86Triple))
      known += ", " + row.str();
  known += ", " + llvm::join(getGpuTargetNames(), ", ");
  if (hostTriple == x86Triple) {
    SmallVector<StringRef> names;
    llvm::X86::fillValidCPUArchList(names, /*Only64Bit=*/true);
    llvm::erase_if(names, [&](StringRef cpu) {
      return llvm::is_contained(hw::getKnownTargetNames(), cpu);
    });
    known += "; or a CPU: " + llvm::join(names, ", ");
  }
  return makeError("unknown target '%s'; known are %s", name.str().c_str(),
                   known.c_str());
}

llvm::Error mlir::nnc::checkRunsHere(const TargetOptions &options) {
  if (options.triple != hostTriple)
    return makeError("code for '%s' does not run on this machine, which is "
                     "'%s'; use the target 'host' or '%s'",
                     options.triple.c_str(), hostTriple.data(),
                     hostBase.data());
  for (const std::string &feature : options.features)
    if (!nncrt_cpu_has(feature.c_str()))
      return makeError("the target '%s' needs the CPU feature '%s', which this "
                       "machine does not have; use the target 'host'",
                       options.name.c_str(), feature.c_str());
  return llvm::Error::success();
}

/// Would PREFIX_model, PREFIX_run, … meet names of the runtime's own header?
static bool isRuntimePrefix(StringRef prefix) {
  return prefix == "nnc" || prefix == "nncrt" || prefix.starts_with("nnc_") ||
         prefix.starts_with("nncrt_");
}

std::string mlir::nnc::makeSymbolPrefix(StringRef path) {
  std::string prefix;
  for (char c : llvm::sys::path::stem(path))
    prefix += llvm::isAlnum(c) ? c : '_';
  if (prefix.empty() || !llvm::isAlpha(prefix.front()) ||
      isRuntimePrefix(prefix))
    prefix = prefix.empty() ? "model" : "model_" + prefix;
  return prefix;
}

llvm::Error mlir::nnc::checkSymbolPrefix(StringRef prefix) {
  bool good =
      !prefix.empty() && !llvm::isDigit(prefix.front()) &&
      llvm::all_of(prefix, [](char c) { return llvm::isAlnum(c) || c == '_'; });
  if (!good)
    return makeError("expects a C identifier as symbol prefix, but got '%s'",
                     prefix.str().c_str());
  if (isRuntimePrefix(prefix))
    return makeError("the symbol prefix '%s' is that of the runtime; choose "
                     "another one",
                     prefix.str().c_str());
  return llvm::Error::success();
}
