//===----------------------------------------------------------------------===//
// Linking in this process, with LLD.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/CPU/Link.h"

#include "lld/Common/Driver.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <link.h>
#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace mlir::nnc;
using llvm::ArrayRef;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

static Error makeError(const Twine &message) {
  return llvm::createStringError(message);
}

static bool isX86(const TargetOptions &options) {
  return options.getArchitecture() == "x86_64";
}

/// What to do without libnncrt.a.
static std::string runtimeAdvice(const TargetOptions &options) {
  if (options.isHostArchitecture())
    return "build the target 'nncrt'";
  return ("install a C++ library for " + options.getArchitecture() +
          " (Debian: libstdc++-12-dev-arm64-cross) and configure nnc's build "
          "again, or write an object (.o) or an archive (.a), which need none")
      .str();
}

llvm::Expected<std::string>
mlir::nnc::findRuntimeArchive(const TargetOptions &options) {
  if (!options.runtimeArchive.empty()) {
    if (!fs::exists(options.runtimeArchive))
      return makeError("the runtime '" + options.runtimeArchive +
                       "' does not exist");
    return options.runtimeArchive;
  }
  std::string place = getTargetFolder(options) + "/libnncrt.a";
  if (!fs::exists(place))
    return makeError("cannot link a shared library for '" + options.triple +
                     "': expected the runtime '" + place +
                     "', but there is none; " + runtimeAdvice(options));
  return place;
}

/// The file of a library that this process has loaded.
static std::string findLoaded(StringRef name) {
  struct Search {
    StringRef name;
    std::string found;
  } search = {name, ""};
  dl_iterate_phdr(
      [](dl_phdr_info *info, size_t, void *data) {
        auto &search = *static_cast<Search *>(data);
        if (path::filename(info->dlpi_name) != search.name)
          return 0;
        search.found = info->dlpi_name;
        return 1;
      },
      &search);
  return search.found;
}

/// A system library for the target, "" if this machine has none.
static std::string findSystemLibrary(StringRef name,
                                     const TargetOptions &options) {
  StringRef arch = options.getArchitecture();
  std::vector<std::string> folders;
  if (options.isHostArchitecture()) {
    std::string loaded = findLoaded(name);
    if (!loaded.empty() && fs::exists(loaded))
      return loaded;
    folders = {("/lib/" + arch + "-linux-gnu").str(),
               ("/usr/lib/" + arch + "-linux-gnu").str(), "/lib64",
               "/usr/lib64"};
  } else {
    folders = {("/usr/" + arch + "-linux-gnu/lib").str()};
  }
  for (const std::string &folder : folders)
    if (std::string file = folder + "/" + name.str(); fs::exists(file))
      return file;
  return "";
}

/// One line without the linker's own name.
static std::string cleanMessage(StringRef text) {
  std::string message;
  for (StringRef line : llvm::split(text, '\n')) {
    line = line.trim();
    line.consume_front("ld.lld: ");
    line.consume_front("error: ");
    if (line.empty())
      continue;
    message += (message.empty() ? "" : "; ") + line.str();
  }
  return message;
}

static Error runLinker(ArrayRef<std::string> options) {
  // LLD keeps global state, and is of no use any more after a crash.
  static std::mutex mutex;
  static bool isBroken = false;
  std::lock_guard<std::mutex> lock(mutex);
  if (isBroken)
    return makeError("the linker has crashed before in this process");
  std::vector<const char *> args = {"ld.lld"};
  for (const std::string &option : options)
    args.push_back(option.c_str());
  std::string out, err;
  llvm::raw_string_ostream outStream(out), errStream(err);
  lld::Result result =
      lld::lldMain(args, outStream, errStream, {{lld::Gnu, &lld::elf::link}});
  isBroken = !result.canRunAgain;
  if (result.retCode != 0)
    return makeError("linking failed: " + cleanMessage(err));
  return Error::success();
}

static std::vector<std::string> commonOptions(StringRef output,
                                              const TargetOptions &options) {
  return {"-m", isX86(options) ? "elf_x86_64" : "aarch64linux", "-o",
          output.str(), "--build-id=none"};
}

Error mlir::nnc::linkSharedLibrary(ArrayRef<std::string> objects,
                                   StringRef output, StringRef soname,
                                   const TargetOptions &options) {
  llvm::Expected<std::string> runtime = findRuntimeArchive(options);
  if (!runtime)
    return runtime.takeError();
  std::vector<std::string> args = commonOptions(output, options);
  for (StringRef arg :
       {"-shared", "--gc-sections", "--exclude-libs=ALL", "--hash-style=gnu",
        // The model that is opened, not one of its name that is linked.
        "-Bsymbolic", "--eh-frame-hdr", "-z", "relro", "-z", "now", "-z",
        "noexecstack"})
    args.push_back(arg.str());
  args.push_back("-soname=" + soname.str());
  args.insert(args.end(), objects.begin(), objects.end());
  args.push_back(*runtime);
  std::string libc = findSystemLibrary("libc.so.6", options);
  std::string libm = findSystemLibrary("libm.so.6", options);
  for (const std::string &library : {libm, libc})
    if (!library.empty())
      args.push_back(library);
  // Without the target's libraries the loader is the first to tell what lacks.
  if (!libc.empty() && !libm.empty())
    args.insert(args.end(), {"-z", "defs"});
  return runLinker(args);
}

Error mlir::nnc::linkRelocatable(ArrayRef<std::string> objects,
                                 StringRef output,
                                 const TargetOptions &options) {
  std::vector<std::string> args = commonOptions(output, options);
  args.push_back("-r");
  args.insert(args.end(), objects.begin(), objects.end());
  return runLinker(args);
}
