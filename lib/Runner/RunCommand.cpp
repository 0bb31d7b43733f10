//===----------------------------------------------------------------------===//
// What 'run' does once it has something that runs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/RunCommand.h"

#include "nnc/Runner/Data.h"
#include "nnc/Runner/NameAdvice.h"
#include "nnc/Runner/Profile.h"

#include <cstdio>
#include <cstdlib>

using namespace nncrun;

const std::vector<OptionSpec> &nncrun::runOptions() {
  static const std::vector<OptionSpec> options = {
      {"input", "NAME=@FILE", "data of an input: .npy, .npz:KEY, .pb, .png"},
      {"output", "NAME=@FILE",
       "write an output: .npy or .pb; without it a summary is printed"},
      {"expected", "NAME=@FILE",
       "compare an output; exit code 1 if it differs"},
      {"rtol", "X", "tolerance relative to the expected element (0.001)"},
      {"atol", "X", "absolute tolerance (1e-7)"},
      {"atol-of-max", "X",
       "tolerance relative to the largest expected element (0)"},
      {"random-seed", "N",
       "make inputs that are not given; a free dimension is 1"},
      {"random-dim", "NAME=N", "size of a symbolic dimension of such inputs"},
      {"threads", "N", "threads of the run (1)"},
      {"variant", "TARGET",
       "of a library for several targets, run the code for this one"},
      {"weights-file", "FILE",
       "the weights of a library with --weights=file, if not beside it"},
      {"profile", "FILE.json", "write Chrome trace events, one a kernel"}};
  return options;
}

/// Outputs with the files they are bound to.
struct OutputFile {
  size_t index;
  std::string file;
};

static int findOutputs(const Signature &signature, const Arguments &arguments,
                       const std::string &option,
                       std::vector<OutputFile> &found) {
  for (const std::string &text : arguments.getAll(option)) {
    nncio::Result<nncio::Binding> binding = nncio::parseBinding(text);
    if (!binding)
      return reportError("--" + option + ": " + binding.error(), ExitUsage);
    const int index = signature.findOutput(binding->name);
    if (index < 0) {
      std::vector<std::string> names;
      for (const ValueInfo &info : signature.outputs)
        names.push_back(info.name);
      return reportError("the model has no output '" + binding->name + "'" +
                             adviseName(binding->name, names),
                         ExitUsage);
    }
    found.push_back({static_cast<size_t>(index), binding->file});
  }
  return ExitDone;
}

static int compareOutputs(const Signature &signature, const Tensors &outputs,
                          const std::vector<OutputFile> &expected,
                          const nncio::Tolerance &tolerance) {
  int code = ExitDone;
  for (const OutputFile &entry : expected) {
    const ValueInfo &info = signature.outputs[entry.index];
    const std::string &name = info.name;
    nncio::Result<nncio::Tensor> tensor =
        nncio::loadTensorFile(entry.file, {info.isSequence, info.isOptional});
    if (!tensor)
      return reportError("expected output '" + name + "': " + tensor.error(),
                         ExitInput);
    const nncio::CompareResult result =
        nncio::compare(outputs[entry.index], *tensor, tolerance);
    std::printf("%s: %s: %s\n", name.c_str(), result.ok ? "equal" : "differs",
                result.text().c_str());
    if (!result.ok)
      code = ExitDiffers;
  }
  return code;
}

namespace {
/// What the options say, checked before anything runs.
struct RunPlan {
  InputRequest request;
  std::vector<OutputFile> files;
  std::vector<OutputFile> expected;
  nncio::Tolerance tolerance;
};
} // namespace

/// Sizes of symbolic dimensions, which must be the signature's.
static int readRandomDims(const Signature &signature,
                          const Arguments &arguments,
                          std::map<std::string, int64_t> &dims) {
  for (const std::string &text : arguments.getAll("random-dim")) {
    const size_t split = text.rfind('=');
    char *end = nullptr;
    const int64_t size = split == std::string::npos
                             ? -1
                             : std::strtoll(&text[split + 1], &end, 10);
    if (size < 0 || !end || *end || end == &text[split + 1])
      return reportError("--random-dim expects NAME=N with N of at least 0, "
                         "but found '" +
                             text + "'",
                         ExitUsage);
    const std::string name = text.substr(0, split);
    bool isKnown = false;
    for (const ValueInfo &info : signature.inputs)
      for (const std::string &own : info.dimNames)
        isKnown |= own == name;
    if (!isKnown)
      return reportError("no input has a symbolic dimension '" + name + "'",
                         ExitUsage);
    dims[name] = size;
  }
  return ExitDone;
}

static int readOptions(const Signature &signature, const Arguments &arguments,
                       RunPlan &plan) {
  plan.request.bindings = arguments.getAll("input");
  if (arguments.has("random-seed")) {
    nncio::Result<int64_t> seed =
        arguments.getInt("random-seed", 0, 0, INT64_MAX);
    if (!seed)
      return reportError(seed.error(), ExitUsage);
    plan.request.seed = static_cast<uint64_t>(*seed);
  }
  if (int code = readRandomDims(signature, arguments, plan.request.dims))
    return code;
  nncio::Result<double> rtol = arguments.getNumber("rtol", 1e-3);
  nncio::Result<double> atol = arguments.getNumber("atol", 1e-7);
  nncio::Result<double> ofMax = arguments.getNumber("atol-of-max", 0);
  for (const auto *number : {&rtol, &atol, &ofMax})
    if (!*number)
      return reportError(number->error(), ExitUsage);
  plan.tolerance = {*rtol, *atol, *ofMax};
  if (int code = findOutputs(signature, arguments, "output", plan.files))
    return code;
  return findOutputs(signature, arguments, "expected", plan.expected);
}

int nncrun::runExecutable(Executable &executable, const Arguments &arguments,
                          const std::string &model, const std::string &folder) {
  const Signature &signature = executable.signature();
  RunPlan plan;
  plan.request.folder = folder;
  if (int code = readOptions(signature, arguments, plan))
    return code;
  Tensors inputs;
  if (int code = gatherInputs(signature, plan.request, inputs))
    return code;

  std::vector<KernelEvent> events;
  if (arguments.has("profile"))
    executable.setProfile(&events);
  nncio::Result<Tensors> outputs = executable.run(inputs);
  executable.setProfile(nullptr);
  if (!outputs)
    return reportError(outputs.error(), ExitInput);

  for (const OutputFile &entry : plan.files) {
    const ValueInfo &info = signature.outputs[entry.index];
    nncio::Status saved =
        saveTensor(entry.file, (*outputs)[entry.index], info.name,
                   {info.isSequence, info.isOptional});
    if (!saved)
      return reportError(saved.error(), ExitInput);
  }
  if (plan.files.empty() && plan.expected.empty())
    for (size_t i = 0; i < outputs->size(); ++i)
      std::printf("%s\n",
                  summarize(signature.outputs[i].name, (*outputs)[i]).c_str());
  if (arguments.has("profile")) {
    const std::string text = traceText(events, model);
    nncio::Status saved =
        writeWhole(arguments.get("profile"), {nncio::Span(text)});
    if (!saved)
      return reportError(saved.error(), ExitInput);
  }
  return compareOutputs(signature, *outputs, plan.expected, plan.tolerance);
}
