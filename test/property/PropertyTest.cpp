//===----------------------------------------------------------------------===//
// Random nodes of every family: what is compiled gives what the reference
// interpreter gives. Environment:
//   NNC_PROPERTY_CASES  cases of each family (40)
//   NNC_PROPERTY_SEED   another number, other cases (1)
//   NNC_PROPERTY_CASE   judge only the case of this number
//   NNC_PROPERTY_SAVE   folder for differing cases in the form of nnc test
//   NNC_PROPERTY_VERBOSE=1  print what is refused, and why
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Judge.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <map>

using namespace nncsmith;

/// Cases judged in one model: a compile has a fixed price.
static constexpr size_t batchSize = 20;
/// Of all cases, these must be accepted; else the family tests nothing.
static constexpr double minAccepted = 0.5;

static uint64_t readNumber(const char *name, uint64_t otherwise) {
  const char *text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

static uint64_t makeSeed(uint64_t seed, const std::string &family,
                         uint64_t number) {
  // FNV-1a over all three.
  uint64_t hash = 0xcbf29ce484222325u;
  auto mix = [&](uint64_t value) { hash = (hash ^ value) * 0x100000001b3u; };
  mix(seed);
  for (char letter : family)
    mix(uint8_t(letter));
  mix(number);
  return hash;
}

namespace {
class Property : public testing::TestWithParam<Family> {
protected:
  Case makeCase(uint64_t number) const {
    Case c(makeSeed(seed, GetParam().name, number));
    GetParam().make(c);
    return c;
  }
  /// Judges the cases of these numbers, in batches of one opset.
  void judgeAll(const std::vector<uint64_t> &numbers);
  void judgeBatch(const std::vector<uint64_t> &numbers);
  void report(uint64_t number, const Case &c, const Finding &finding) const;

  uint64_t seed = readNumber("NNC_PROPERTY_SEED", 1);
  size_t accepted = 0;
};
} // namespace

void Property::report(uint64_t number, const Case &c,
                      const Finding &finding) const {
  std::string name = GetParam().name;
  std::string head = name + " " + std::to_string(number) + " (" +
                     c.node.op_type() + ", opset " + std::to_string(c.opset) +
                     "): ";
  if (finding.verdict == Verdict::Refused &&
      readNumber("NNC_PROPERTY_VERBOSE", 0))
    std::printf("refused %s%s\n", head.c_str(), finding.reason.c_str());
  if (finding.verdict != Verdict::Differs)
    return;
  if (const char *folder = std::getenv("NNC_PROPERTY_SAVE"))
    save(c, std::string(folder) + "/" + name + "-" + std::to_string(number));
  ADD_FAILURE() << head << finding.reason << "\nto run it again: "
                << "NNC_PROPERTY_SEED=" << seed
                << " NNC_PROPERTY_CASE=" << number
                << " NNCPropertyTests --gtest_filter='*/" << name << "'\n"
                << describe(c);
}

void Property::judgeBatch(const std::vector<uint64_t> &numbers) {
  std::vector<Case> cases;
  for (uint64_t number : numbers)
    cases.push_back(makeCase(number));
  std::vector<Finding> findings = judge(cases);
  for (size_t i = 0; i < cases.size(); ++i) {
    report(numbers[i], cases[i], findings[i]);
    accepted += findings[i].verdict != Verdict::Refused;
  }
}

void Property::judgeAll(const std::vector<uint64_t> &numbers) {
  std::map<int64_t, std::vector<uint64_t>> batches;
  for (uint64_t number : numbers) {
    std::vector<uint64_t> &batch = batches[makeCase(number).opset];
    batch.push_back(number);
    if (batch.size() < batchSize)
      continue;
    judgeBatch(batch);
    batch.clear();
  }
  for (const auto &[opset, batch] : batches)
    if (!batch.empty())
      judgeBatch(batch);
}

TEST_P(Property, CompiledAgreesWithReference) {
  if (std::getenv("NNC_PROPERTY_CASE"))
    return judgeAll({readNumber("NNC_PROPERTY_CASE", 0)});
  std::vector<uint64_t> numbers(readNumber("NNC_PROPERTY_CASES", 40));
  for (size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = i;
  judgeAll(numbers);
  std::printf("seed %llu: %zu of %zu cases accepted\n",
              static_cast<unsigned long long>(seed), accepted, numbers.size());
  EXPECT_GE(double(accepted), minAccepted * double(numbers.size()));
}

INSTANTIATE_TEST_SUITE_P(Families, Property, testing::ValuesIn(getFamilies()),
                         [](const testing::TestParamInfo<Family> &info) {
                           return info.param.name;
                         });
