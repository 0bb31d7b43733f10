//===----------------------------------------------------------------------===//
// Many seeds, what comes out of them, and files of it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Campaign.h"

#include <chrono>
#include <cstdio>
#include <map>

using namespace nncsmith;
using Clock = std::chrono::steady_clock;

/// Findings after which a campaign stops: more are mostly the same ones.
static constexpr size_t manyFindings = 20;

nncio::Result<CampaignOptions>
nncsmith::readCampaignOptions(const nncrun::Arguments &arguments) {
  using Read = nncio::Result<CampaignOptions>;
  CampaignOptions options;
  auto seed = arguments.getInt("seed", 1, 0, INT64_MAX / 2);
  auto count = arguments.getInt("count", 100, 1, INT64_MAX / 2);
  auto steps = arguments.getInt("steps", 8, 1, 100);
  auto variants = arguments.getInt("variants", 2, 0, 100);
  auto limit = arguments.getInt("time-limit", 300, 1, 86400);
  auto seconds = arguments.getNumber("seconds", 0);
  for (const auto &number : {seed, count, steps, variants, limit})
    if (!number)
      return Read::failure(number.error());
  if (!seconds)
    return Read::failure(seconds.error());
  options.seed = uint64_t(*seed);
  options.count = uint64_t(*count);
  options.generator.maxSteps = *steps;
  options.variants = size_t(*variants);
  options.timeLimit = unsigned(*limit);
  options.seconds = *seconds;
  options.emitFolder = arguments.get("emit");
  options.saveFolder = arguments.get("save");
  options.mutates = arguments.has("mutate");
  options.keepsGoing = arguments.has("keep-going");
  options.shrinks = !arguments.has("no-shrink");
  return options;
}

/// What a seed stands for.
static SmithModel makeSeedModel(uint64_t seed, const CampaignOptions &options) {
  SmithModel model = generate(seed, options.generator);
  Random random(~seed);
  if (options.mutates)
    mutate(model.proto, random);
  return model;
}

static Finding judgeSeedModel(const SmithModel &model, uint64_t seed,
                              const CampaignOptions &options) {
  return options.mutates ? judgeNonsense(model)
                         : judge(model, pickVariants(seed, options.variants));
}

int nncsmith::emitModels(const CampaignOptions &options) {
  for (uint64_t i = 0; i < options.count; ++i) {
    uint64_t seed = options.seed + i;
    SmithModel model = makeSeedModel(seed, options);
    if (nncio::Status done =
            saveModel(model, options.emitFolder + "/" + std::to_string(seed));
        !done)
      return nncrun::reportError(done.error(), nncrun::ExitInput);
  }
  return nncrun::ExitDone;
}

/// Whether two findings are likely of one cause: what is in quotes and numbers
/// aside, they say the same.
static bool isSameKind(const Finding &a, const Finding &b) {
  if (a.verdict != b.verdict)
    return false;
  if (a.verdict != Verdict::Fails)
    return true;
  auto strip = [](const std::string &text) {
    std::string letters;
    for (char letter : text.substr(0, 60))
      if (std::isalpha(static_cast<unsigned char>(letter)))
        letters += letter;
    return letters;
  };
  return strip(a.reason) == strip(b.reason);
}

static SmithModel
shrinkFinding(const SmithModel &model, const Finding &finding,
              const std::function<Finding(const SmithModel &)> &judgeOne,
              unsigned seconds) {
  return shrink(model, [&](const SmithModel &candidate) {
    return isSameKind(runApart([&] { return judgeOne(candidate); }, seconds),
                      finding);
  });
}

/// Shrinks and saves in a process of its own, since a model that crashes the
/// importer crashes what computes its values too.
static void saveFinding(const CampaignOptions &options, uint64_t seed,
                        const Finding &finding) {
  std::string folder = options.saveFolder + "/" + std::to_string(seed);
  auto save = [&](bool shrinks) {
    SmithModel model = makeSeedModel(seed, options);
    if (shrinks)
      model = shrinkFinding(
          model, finding,
          [&](const SmithModel &one) {
            return judgeSeedModel(one, seed, options);
          },
          options.timeLimit);
    nncio::Status done = saveModel(model, folder);
    return Finding{done ? Verdict::Agrees : Verdict::Fails, done.error()};
  };
  unsigned seconds = 100 * options.timeLimit;
  Finding saved = runApart([&] { return save(options.shrinks); }, seconds);
  if (saved.isBug())
    saved = runApart([&] { return save(false); }, seconds);
  std::printf("  %s\n", saved.isBug() ? ("not saved: " + saved.reason).c_str()
                                      : folder.c_str());
}

int nncsmith::runCampaign(const CampaignOptions &options) {
  Clock::time_point begin = Clock::now();
  auto elapsed = [&] {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  std::map<Verdict, uint64_t> counts;
  size_t findings = 0;
  auto judgeSeed = [&](uint64_t seed) {
    return judgeSeedModel(makeSeedModel(seed, options), seed, options);
  };
  judgeSeeds(options.seed, options.count, options.timeLimit, judgeSeed,
             [&](uint64_t seed, const Finding &finding) {
               ++counts[finding.verdict];
               if (finding.isBug()) {
                 ++findings;
                 std::printf("seed %llu %s: %s\n",
                             static_cast<unsigned long long>(seed),
                             verdictName(finding.verdict),
                             finding.reason.c_str());
                 if (!options.saveFolder.empty())
                   saveFinding(options, seed, finding);
                 std::fflush(stdout);
               }
               bool inTime = !options.seconds || elapsed() < options.seconds;
               return inTime && (options.keepsGoing || findings < manyFindings);
             });
  uint64_t all = 0;
  std::string text;
  for (const auto &[verdict, count] : counts) {
    all += count;
    text +=
        std::string(", ") + std::to_string(count) + " " + verdictName(verdict);
  }
  std::printf("%llu models in %.0f s%s\n", static_cast<unsigned long long>(all),
              elapsed(), text.c_str());
  return findings ? nncrun::ExitDiffers : nncrun::ExitDone;
}

int nncsmith::judgeFolders(const CampaignOptions &options,
                           const std::vector<std::string> &folders) {
  bool isGood = true;
  for (const std::string &folder : folders) {
    nncio::Result<SmithModel> model = loadModel(folder);
    if (!model)
      return nncrun::reportError(model.error(), nncrun::ExitInput);
    Finding finding = runApart([&] { return judge(*model, getVariants()); },
                               options.timeLimit);
    isGood &= !finding.isBug();
    std::printf("%s %s%s%s\n", folder.c_str(), verdictName(finding.verdict),
                finding.reason.empty() ? "" : ": ", finding.reason.c_str());
    if (!finding.isBug() || options.saveFolder.empty())
      continue;
    SmithModel small = shrinkFinding(
        *model, finding,
        [](const SmithModel &one) { return judge(one, getVariants()); },
        options.timeLimit);
    if (nncio::Status done = saveModel(small, options.saveFolder); !done)
      return nncrun::reportError(done.error(), nncrun::ExitInput);
  }
  return isGood ? nncrun::ExitDone : nncrun::ExitDiffers;
}
