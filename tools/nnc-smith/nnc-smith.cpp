//===----------------------------------------------------------------------===//
// Makes random models and tries them on the compiler.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/CommandLine.h"
#include "nnc/Smith/Campaign.h"

#include <cstdio>

using namespace nncrun;

static CommandSpec makeSpec() {
  return {
      "",
      "[MODEL...]",
      0,
      SIZE_MAX,
      "Makes random models and compares what compiled code gives with the "
      "reference interpreter, in several ways of compiling. Models that differ "
      "are made small and saved. With MODEL, a folder with model.onnx and "
      "test_data_set_0, judges that instead.",
      "nnc-smith --count 1000 --save findings",
      {{"seed", "N", "the first model (1)"},
       {"count", "N", "models (100)"},
       {"steps", "N", "steps of a model at most (8)"},
       {"variants", "N",
        "ways to compile a model beside -O1 or -O3, chosen by its seed (2)"},
       {"emit", "DIR", "only write the models into folders DIR/SEED"},
       {"save", "DIR", "write what fails, made small, into folders DIR/SEED"},
       {"time-limit", "S", "seconds that one model may take (300)"},
       {"seconds", "S", "start no model after so long (no limit)"},
       {"mutate", nullptr,
        "change a few fields of each model at random: it must be refused with "
        "a message, or compiled"},
       {"keep-going", nullptr, "do not stop after 20 findings"},
       {"no-shrink", nullptr, "leave failing models as they are"}}};
}

int main(int argc, char **argv) {
  const CommandSpec spec = makeSpec();
  std::vector<std::string> words(argv + (argc > 0), argv + argc);
  nncio::Result<Arguments> arguments = parseArguments(spec, words);
  if (!arguments)
    return reportError("nnc-smith: " + arguments.error(), ExitUsage);
  if (arguments->has("help") || arguments->has("version")) {
    const std::string text = arguments->has("help")
                                 ? helpText(spec, "nnc-smith")
                                 : "nnc-smith " NNC_VERSION "\n";
    std::fputs(text.c_str(), stdout);
    return ExitDone;
  }
  nncio::Result<nncsmith::CampaignOptions> options =
      nncsmith::readCampaignOptions(*arguments);
  if (!options)
    return reportError(options.error(), ExitUsage);
  if (!options->emitFolder.empty())
    return nncsmith::emitModels(*options);
  return arguments->operands.empty()
             ? nncsmith::runCampaign(*options)
             : nncsmith::judgeFolders(*options, arguments->operands);
}
