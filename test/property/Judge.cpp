//===----------------------------------------------------------------------===//
// Imports, compiles, runs and compares cases.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Judge.h"
#include "nnc/DataIO/Compare.h"
#include "nnc/DataIO/TensorProto.h"
#include "nnc/Runner/CompiledModel.h"
#include "nnc/Target/CPU/JITModel.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir;
using namespace nncsmith;

/// Seconds of the processor that judging a list of cases may take, and seconds
/// after which it hangs: a busy machine must not make a difference.
static constexpr rlim_t processorLimit = 120;
static constexpr unsigned timeLimit = 900;

namespace {
/// A model on its way through the compiler; messages are kept.
class Compilation {
public:
  /// Imports and runs the graph phase on a copy, which the interpreter does
  /// not get.
  bool load(const CaseModel &model);
  Outputs interpret(const CaseModel &model) {
    return nncsmith::interpret(*imported, model.inputs);
  }
  /// Runs the code three times, once on several threads; all must give the
  /// same bits.
  Outputs compileAndRun(const CaseModel &model);
  std::string print();

  std::string errors;

private:
  Engine engine;
  OwningOpRef<ModuleOp> imported;
  OwningOpRef<ModuleOp> compiled;
};
} // namespace

bool Compilation::load(const CaseModel &model) {
  imported = engine.import(model.proto);
  bool isLoaded = false;
  if (imported) {
    compiled = imported->clone();
    isLoaded = engine.lowerToGraph(*compiled);
  }
  errors = engine.takeErrors();
  return isLoaded;
}

Outputs Compilation::compileAndRun(const CaseModel &model) {
  auto fail = [&](const std::string &message) {
    return Outputs::failure("does not compile: " + message);
  };
  auto code = engine.compile(*compiled, Variant());
  if (!code)
    return fail(code.error());
  auto executable = openCode(*code, 1), threaded = openCode(*code, 3);
  if (!executable || !threaded)
    return fail(executable.error() + threaded.error());
  Outputs first = (*executable)->run(model.inputs);
  if (!first)
    return first;
  Outputs again = (*executable)->run(model.inputs);
  Outputs parallel = (*threaded)->run(model.inputs);
  if (!again || !sameBits(*first, *again))
    return Outputs::failure("a second run gives something else");
  if (!parallel || !sameBits(*first, *parallel))
    return Outputs::failure("three threads give something else than one");
  return first;
}

std::string Compilation::print() {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (imported)
    imported->print(stream);
  return text;
}

//===----------------------------------------------------------------------===//
// Comparing
//===----------------------------------------------------------------------===//

/// A few roundings of the type; sums may cancel, so the largest element counts
/// too. Tiny numbers have fewer digits.
static nncio::Tolerance toleranceOf(ElementType type, double looseness) {
  switch (type) {
  case ElementType::F64:
    return {1e-11 * looseness, 1e-290, 1e-12 * looseness};
  case ElementType::F32:
    return {1e-5 * looseness, 1e-36, 1e-6 * looseness};
  case ElementType::F16:
    return {2e-3 * looseness, 1e-6, 1e-3 * looseness};
  case ElementType::BF16:
    return {1.6e-2 * looseness, 1e-36, 8e-3 * looseness};
  default:
    return {};
  }
}

static std::string compareOutput(const Case &c, const Tensor &actual,
                                 const Tensor &expected) {
  nncio::CompareResult result = nncio::compare(
      actual, expected, toleranceOf(expected.type(), c.looseness));
  return result.ok ? "" : result.text();
}

/// Judges all in one model, in this process.
static std::vector<Finding>
judgeTogether(const std::vector<const Case *> &cases) {
  std::vector<Finding> findings(cases.size());
  auto all = [&](Verdict verdict, const std::string &reason) {
    findings.assign(cases.size(), {verdict, reason});
    return findings;
  };
  CaseModel model = makeModel(cases);
  Compilation compilation;
  if (!compilation.load(model))
    return all(Verdict::Refused, compilation.errors);
  Outputs expected = compilation.interpret(model);
  Outputs actual = compilation.compileAndRun(model);
  if (!expected && !actual &&
      actual.error().find("does not compile") == std::string::npos)
    return all(Verdict::Agrees, "");
  if (!actual)
    return all(Verdict::Differs, actual.error());
  if (!expected)
    return all(Verdict::Differs,
               "the interpreter fails, the code does not: " + expected.error());
  for (Finding &finding : findings)
    finding.verdict = Verdict::Agrees;
  for (size_t i = 0; i < model.owners.size(); ++i) {
    std::string reason =
        compareOutput(*cases[model.owners[i]], (*actual)[i], (*expected)[i]);
    if (!reason.empty())
      findings[model.owners[i]] = {
          Verdict::Differs, "output " + std::to_string(i) + ": " + reason};
  }
  return findings;
}

/// Judges in this process: first whether each case is accepted, so that one
/// that is refused does not keep the others from being judged.
static std::vector<Finding> judgeHere(const std::vector<const Case *> &cases) {
  std::vector<Finding> findings(cases.size());
  std::vector<const Case *> accepted;
  std::vector<size_t> numbers;
  for (size_t i = 0; i < cases.size(); ++i) {
    Compilation compilation;
    findings[i] = {Verdict::Refused, ""};
    if (!compilation.load(makeModel({cases[i]}))) {
      findings[i].reason = compilation.errors;
      continue;
    }
    accepted.push_back(cases[i]);
    numbers.push_back(i);
  }
  if (accepted.empty())
    return findings;
  std::vector<Finding> together = judgeTogether(accepted);
  for (size_t i = 0; i < accepted.size(); ++i)
    findings[numbers[i]] = together[i];
  return findings;
}

/// Findings as lines of a letter and a reason.
static std::string serialize(const std::vector<Finding> &findings) {
  std::string text;
  for (Finding finding : findings) {
    for (char &letter : finding.reason)
      letter = letter == '\n' ? ' ' : letter;
    text += char(finding.verdict) + finding.reason + "\n";
  }
  return text;
}

/// Judges in another process. All that it could not tell differs.
static std::vector<Finding> judgeApart(const std::vector<const Case *> &cases) {
  int ends[2];
  std::vector<Finding> findings(cases.size(), {Verdict::Differs, "no process"});
  if (pipe(ends))
    return findings;
  pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    rlimit limit{processorLimit, processorLimit};
    setrlimit(RLIMIT_CPU, &limit);
    alarm(timeLimit);
    std::string text = serialize(judgeHere(cases));
    for (size_t done = 0; done < text.size();) {
      ssize_t count = write(ends[1], text.data() + done, text.size() - done);
      if (count <= 0)
        break;
      done += size_t(count);
    }
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t count; (count = read(ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, size_t(count));
  close(ends[0]);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0)
    return findings;
  std::vector<std::string> lines = nncrun::splitLines(text);
  std::string died = WIFSIGNALED(status) ? std::string("crashed: ") +
                                               strsignal(WTERMSIG(status))
                                         : "ended without a verdict";
  for (size_t i = 0; i < findings.size(); ++i)
    findings[i] = i < lines.size() && !lines[i].empty()
                      ? Finding{Verdict(lines[i][0]), lines[i].substr(1)}
                      : Finding{Verdict::Differs, died};
  return findings;
}

std::vector<Finding> nncsmith::judge(const std::vector<Case> &cases) {
  std::vector<const Case *> all;
  for (const Case &c : cases)
    all.push_back(&c);
  std::vector<Finding> findings = judgeApart(all);
  bool differ = false, explained = false;
  for (const Finding &finding : findings)
    differ |= finding.verdict == Verdict::Differs;
  if (!differ)
    return findings;
  std::vector<Finding> alone;
  for (const Case *c : all) {
    alone.push_back(judgeApart({c}).front());
    explained |= alone.back().verdict == Verdict::Differs;
  }
  if (explained)
    return alone;
  for (Finding &finding : findings)
    if (finding.verdict == Verdict::Differs)
      finding.reason = "with others in one model: " + finding.reason;
  return findings;
}

//===----------------------------------------------------------------------===//
// Telling
//===----------------------------------------------------------------------===//

std::string nncsmith::describe(const Case &c) {
  CaseModel model = makeModel({&c});
  Compilation compilation;
  compilation.load(model);
  std::string text = compilation.print();
  return text.empty() ? model.proto.DebugString() : text;
}

void nncsmith::save(const Case &c, const std::string &folder) {
  CaseModel model = makeModel({&c});
  std::string set = folder + "/test_data_set_0";
  if (llvm::sys::fs::create_directories(set))
    return;
  std::error_code error;
  llvm::raw_fd_ostream stream(folder + "/model.onnx", error);
  if (!error)
    stream << model.proto.SerializeAsString();
  auto write = [&](const char *kind, size_t i, const Tensor &tensor) {
    std::string path = set + "/" + kind + "_" + std::to_string(i) + ".pb";
    if (nncio::Status done = nncio::writeTensorProto(path, tensor, ""); !done)
      llvm::errs() << done.error() << "\n";
  };
  for (size_t i = 0; i < model.inputs.size(); ++i)
    write("input", i, model.inputs[i]);
  Compilation compilation;
  if (!compilation.load(model))
    return;
  if (Outputs outputs = compilation.interpret(model))
    for (size_t i = 0; i < outputs->size(); ++i)
      write("output", i, (*outputs)[i]);
}
