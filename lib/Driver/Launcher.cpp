//===----------------------------------------------------------------------===//
// Runs compiled libraries by nnc-run in a process of its own. Values pass
// through files.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Launcher.h"

#include "nnc/Runner/Data.h"
#include "nnc/Target/CPU/Emit.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/StringSaver.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;
namespace fs = llvm::sys::fs;
using ExecutableResult = nncio::Result<std::shared_ptr<nncrun::Executable>>;

const nncrun::OptionSpec driver::runWithOption = {
    "run-with", "COMMAND",
    "run compiled libraries by 'COMMAND nnc-run', say an emulator"};

TemporaryFolder::TemporaryFolder(StringRef parent) {
  llvm::SmallString<128> prefix(parent), made;
  llvm::sys::path::append(prefix, "nnc");
  if (!fs::createUniqueDirectory(prefix, made))
    path = made.str().str();
}

TemporaryFolder::~TemporaryFolder() {
  if (!path.empty())
    fs::remove_directories(path);
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

/// nnc-run for `target`. The failure tells what is missing.
static nncio::Result<std::string> findRunner(const TargetOptions &target) {
  using Out = nncio::Result<std::string>;
  llvm::SmallString<128> path(getTargetFolder(target));
  if (target.isHostArchitecture())
    path =
        llvm::sys::path::parent_path(fs::getMainExecutable(nullptr, nullptr));
  llvm::sys::path::append(path, "nnc-run");
  if (fs::can_execute(path))
    return path.str().str();
  if (!target.isHostArchitecture())
    return Out::failure(
        "expected nnc-run for '" + target.triple + "' as '" + path.str().str() +
        "', but there is none; install a C++ library for " +
        target.getArchitecture().str() + " and configure nnc's build again");
  llvm::ErrorOr<std::string> found = llvm::sys::findProgramByName("nnc-run");
  if (!found)
    return Out::failure("cannot find nnc-run, which must lie beside nnc");
  return *found;
}

TargetOptions driver::readLibraryTarget(StringRef path) {
  constexpr int64_t machineOffset = offsetof(llvm::ELF::Elf64_Ehdr, e_machine);
  StringRef name = "host";
  auto header = llvm::MemoryBuffer::getFileSlice(path, 2, machineOffset);
  if (header && (*header)->getBufferSize() == 2 &&
      llvm::support::endian::read16le((*header)->getBufferStart()) ==
          llvm::ELF::EM_AARCH64)
    name = "aarch64";
  // Both names are always known.
  return llvm::cantFail(resolveTarget(name));
}

int driver::readLauncher(const Arguments &arguments,
                         const TargetOptions &target,
                         std::optional<Launcher> &launcher) {
  std::string command = arguments.get("run-with");
  if (!arguments.has("run-with")) {
    llvm::Error error = checkRunsHere(target);
    if (!error)
      return nncrun::ExitDone;
    std::string advice =
        target.isHostArchitecture()
            ? ""
            : ", or give run, bench or test --aot an emulator: "
              "--run-with='qemu-aarch64 -L "
              "/usr/aarch64-linux-gnu'";
    return reportError(llvm::toString(std::move(error)) + advice,
                       nncrun::ExitUsage);
  }
  llvm::BumpPtrAllocator allocator;
  llvm::StringSaver saver(allocator);
  SmallVector<const char *> words;
  llvm::cl::TokenizeGNUCommandLine(command, saver, words);
  if (words.empty())
    return reportError("--run-with expects a program, but found nothing",
                       nncrun::ExitUsage);
  llvm::ErrorOr<std::string> program = llvm::sys::findProgramByName(words[0]);
  if (!program)
    return reportError(std::string("--run-with: cannot find the program '") +
                           words[0] + "'",
                       nncrun::ExitUsage);
  nncio::Result<std::string> runner = findRunner(target);
  if (!runner)
    return reportError("--run-with: " + runner.error(), nncrun::ExitUsage);
  launcher.emplace();
  launcher->words.push_back(*program);
  launcher->words.insert(launcher->words.end(), words.begin() + 1, words.end());
  launcher->words.push_back(*runner);
  return nncrun::ExitDone;
}

int driver::readRunner(const Arguments &arguments, const TargetOptions &target,
                       std::vector<std::string> &words) {
  std::optional<Launcher> launcher;
  if (int code = readLauncher(arguments, target, launcher))
    return code;
  if (launcher) {
    words = launcher->words;
    return nncrun::ExitDone;
  }
  nncio::Result<std::string> runner = findRunner(target);
  if (!runner)
    return reportError(runner.error(), nncrun::ExitInternal);
  words = {*runner};
  return nncrun::ExitDone;
}

/// In the child, which may call only what is safe between fork and exec.
[[noreturn]] static void execute(char *const *words, const char *output,
                                 const char *errors, pid_t parent) {
  // The end of a test that takes too long must be that of its emulator.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent)
    ::_exit(126);
  for (auto [path, number] : {std::pair(output, 1), std::pair(errors, 2)}) {
    if (!*path)
      continue;
    int file = ::open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || ::dup2(file, number) < 0)
      ::_exit(126);
  }
  ::execv(words[0], words);
  ::_exit(127);
}

nncio::Result<int> driver::runProgram(const std::vector<std::string> &words,
                                      const std::string &output,
                                      const std::string &errors) {
  using Out = nncio::Result<int>;
  std::vector<char *> pointers;
  for (const std::string &word : words)
    pointers.push_back(const_cast<char *>(word.c_str()));
  pointers.push_back(nullptr);
  pid_t parent = ::getpid(), pid = ::fork();
  if (pid < 0)
    return Out::failure(std::string("cannot start a process: ") +
                        std::strerror(errno));
  if (pid == 0)
    execute(pointers.data(), output.c_str(), errors.c_str(), parent);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR)
      return Out::failure(std::string("cannot wait for a process: ") +
                          std::strerror(errno));
  if (WIFSIGNALED(status))
    return Out::failure("'" + words[0] +
                        "' crashed: " + ::strsignal(WTERMSIG(status)));
  return WEXITSTATUS(status);
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

namespace {

class LaunchedExecutable : public nncrun::Executable {
public:
  LaunchedExecutable(nncrun::Signature signature,
                     std::vector<std::string> words,
                     std::shared_ptr<TemporaryFolder> folder)
      : description(std::move(signature)), words(std::move(words)),
        folder(std::move(folder)) {}

  const nncrun::Signature &signature() const override { return description; }
  nncio::Result<nncrun::Tensors> run(const nncrun::Tensors &inputs) override;
  /// What happens in another process is not seen here.
  void setProfile(std::vector<nncrun::KernelEvent> *) override {}

private:
  std::string fileOf(const char *kind, size_t number) const {
    return folder->getPath() + "/" + kind + std::to_string(number) + ".pb";
  }
  nncio::Status start(std::vector<std::string> line) const;

  nncrun::Signature description;
  /// All but values.
  std::vector<std::string> words;
  std::shared_ptr<TemporaryFolder> folder;
};

} // namespace

/// Runs `line`; the failure repeats what the program has to say of its own.
nncio::Status LaunchedExecutable::start(std::vector<std::string> line) const {
  std::string errors = folder->getPath() + "/errors";
  nncio::Result<int> code = runProgram(line, "/dev/null", errors);
  if (code && *code == nncrun::ExitDone)
    return nncio::Success();
  auto text = llvm::MemoryBuffer::getFile(errors);
  StringRef said = text ? (*text)->getBuffer().trim() : StringRef();
  said.consume_front("error: ");
  // What the model itself refuses reads as it does in this process.
  if (code && *code == nncrun::ExitInput && !said.empty())
    return nncio::Status::failure(said.str());
  std::string message =
      code ? "'" + line[0] + "' ended with exit code " + std::to_string(*code)
           : code.error();
  return nncio::Status::failure(message +
                                (said.empty() ? "" : ": " + said.str()));
}

nncio::Result<nncrun::Tensors>
LaunchedExecutable::run(const nncrun::Tensors &inputs) {
  using Out = nncio::Result<nncrun::Tensors>;
  if (inputs.size() != description.inputs.size())
    return Out::failure("expected " +
                        std::to_string(description.inputs.size()) +
                        " inputs, but found " + std::to_string(inputs.size()));
  std::vector<std::string> line = words;
  for (auto [i, info] : llvm::enumerate(description.inputs)) {
    std::string file = fileOf("input", i);
    nncio::Status saved = nncrun::saveTensor(
        file, inputs[i], info.name, {info.isSequence, info.isOptional});
    if (!saved)
      return Out::failure("input '" + info.name + "': " + saved.error());
    line.insert(line.end(), {"--input", info.name + "=@" + file});
  }
  for (auto [i, info] : llvm::enumerate(description.outputs)) {
    std::string file = fileOf("output", i);
    // No run may be judged by what the one before it wrote.
    fs::remove(file);
    line.insert(line.end(), {"--output", info.name + "=@" + file});
  }
  nncio::Status done = start(std::move(line));
  if (!done)
    return Out::failure(done.error());
  nncrun::Tensors outputs;
  for (auto [i, info] : llvm::enumerate(description.outputs)) {
    nncio::Result<nncio::NamedTensor> read = nncio::readValueProto(
        fileOf("output", i), {info.isSequence, info.isOptional});
    if (!read)
      return Out::failure("output '" + info.name + "': " + read.error());
    outputs.push_back(std::move(read->tensor));
  }
  return outputs;
}

static std::vector<nncrun::ValueInfo>
convertValues(ArrayRef<ArtifactValue> values) {
  std::vector<nncrun::ValueInfo> infos;
  for (const ArtifactValue &value : values) {
    nncrun::ValueInfo &info = infos.emplace_back();
    info.name = value.name;
    info.type = nncio::ElementType(value.type);
    info.dims = value.dims;
    info.dimNames = value.dimNames;
    info.dimNames.resize(info.dims.size());
    info.isSequence = value.isSequence;
    info.anyRank = value.anyRank;
    info.isOptional = value.isOptional;
  }
  return infos;
}

ExecutableResult driver::makeLaunchedExecutable(
    ModuleOp module, CompileRequest &request, const Launcher &launcher,
    std::shared_ptr<TemporaryFolder> folder, int threads) {
  if (folder->getPath().empty())
    return ExecutableResult::failure("cannot make a temporary folder");
  if (lowerModule(module, Phase::LLVM, request))
    return ExecutableResult::failure("the model could not be compiled");
  llvm::Expected<ArtifactInfo> info = readArtifactInfo(module);
  if (!info)
    return ExecutableResult::failure(llvm::toString(info.takeError()));
  if (info->entries.empty())
    return ExecutableResult::failure("the model has no entry point");
  const ArtifactEntry &entry = info->entries.front();
  nncrun::Signature signature{entry.name, convertValues(entry.inputs),
                              convertValues(entry.outputs)};
  std::string library = folder->getPath() + "/model.so";
  llvm::Expected<EmitResult> emitted =
      emitArtifact(module, request.target, OutputKind::SharedLibrary, library);
  if (!emitted)
    return ExecutableResult::failure(llvm::toString(emitted.takeError()));
  std::vector<std::string> words = launcher.words;
  words.insert(words.end(), {library, "--threads", std::to_string(threads)});
  return std::shared_ptr<nncrun::Executable>(new LaunchedExecutable(
      std::move(signature), std::move(words), std::move(folder)));
}
