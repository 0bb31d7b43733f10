//===----------------------------------------------------------------------===//
// What nnc-smith does.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_SMITH_CAMPAIGN_H
#define NNC_SMITH_CAMPAIGN_H

#include "nnc/Runner/CommandLine.h"
#include "nnc/Smith/Differential.h"

namespace nncsmith {

struct CampaignOptions {
  uint64_t seed = 1;
  uint64_t count = 100;
  GeneratorOptions generator;
  /// Ways to compile a model beside -O1 or -O3.
  size_t variants = 2;
  std::string emitFolder;
  std::string saveFolder;
  /// For one model.
  unsigned timeLimit = 300;
  /// For all; 0 for no limit.
  double seconds = 0;
  /// Judge models that are changed at random.
  bool mutates = false;
  bool keepsGoing = false;
  bool shrinks = true;
};

/// Fails, naming the option, for wrong usage.
nncio::Result<CampaignOptions>
readCampaignOptions(const nncrun::Arguments &arguments);

/// These return exit codes: 0, 1 where a model is a finding, 3 where a file can
/// not be read or written. Results go to stdout.
int emitModels(const CampaignOptions &options);
int runCampaign(const CampaignOptions &options);
int judgeFolders(const CampaignOptions &options,
                 const std::vector<std::string> &folders);

} // namespace nncsmith

#endif // NNC_SMITH_CAMPAIGN_H
