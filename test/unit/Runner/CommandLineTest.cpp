//===----------------------------------------------------------------------===//
// Parsing of the command line.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/CommandLine.h"

#include <gtest/gtest.h>

using namespace nncrun;

static const CommandSpec &spec() {
  static const CommandSpec result = {"run",
                                     "MODEL",
                                     1,
                                     2,
                                     "Runs.",
                                     "run m",
                                     {{"input", "NAME=@FILE", "an input"},
                                      {"threads", "N", "threads"},
                                      {"rtol", "X", "tolerance"},
                                      {"O", "LEVEL", "optimization"},
                                      {"o", "OUT", "output"},
                                      {"reference", nullptr, "slow"}}};
  return result;
}

static Arguments parse(const std::vector<std::string> &words) {
  nncio::Result<Arguments> result = parseArguments(spec(), words);
  EXPECT_TRUE(result) << result.error();
  return *result;
}

static std::string parseError(const std::vector<std::string> &words) {
  nncio::Result<Arguments> result = parseArguments(spec(), words);
  EXPECT_FALSE(result);
  return result.error();
}

TEST(CommandLine, takesValuesInAllForms) {
  Arguments arguments = parse({"m.onnx", "--threads=2", "--rtol", "0.5", "-O2",
                               "-o", "-", "--reference"});
  EXPECT_EQ(arguments.operands, std::vector<std::string>{"m.onnx"});
  EXPECT_EQ(arguments.get("threads"), "2");
  EXPECT_EQ(arguments.get("rtol"), "0.5");
  EXPECT_EQ(arguments.get("O"), "2");
  EXPECT_EQ(arguments.get("o"), "-");
  EXPECT_TRUE(arguments.has("reference"));
  EXPECT_FALSE(arguments.has("input"));
}

TEST(CommandLine, keepsRepeatedOptionsInOrder) {
  Arguments arguments = parse({"--input=a=@x", "m", "--input", "b=@y"});
  EXPECT_EQ(arguments.getAll("input"),
            (std::vector<std::string>{"a=@x", "b=@y"}));
  EXPECT_EQ(arguments.get("input"), "b=@y");
}

TEST(CommandLine, endsOptionsAtTwoDashes) {
  EXPECT_EQ(parse({"--", "--threads"}).operands,
            std::vector<std::string>{"--threads"});
  EXPECT_EQ(parse({"-"}).operands, std::vector<std::string>{"-"});
}

TEST(CommandLine, refusesWhatItDoesNotKnow) {
  EXPECT_NE(parseError({"m", "--treads=2"}).find("did you mean '--threads'?"),
            std::string::npos);
  EXPECT_NE(parseError({"m", "--frobnicate"}).find("see --help"),
            std::string::npos);
  EXPECT_NE(parseError({"m", "--o=x"}).find("unknown option"),
            std::string::npos);
  EXPECT_NE(parseError({"m", "-threads"}).find("unknown option"),
            std::string::npos);
  EXPECT_NE(parseError({"m", "--=3"}).find("unknown option"),
            std::string::npos);
}

TEST(CommandLine, refusesMissingAndSpareWords) {
  EXPECT_NE(parseError({}).find("expected MODEL"), std::string::npos);
  EXPECT_NE(parseError({"a", "b", "c"}).find("unexpected 'c'"),
            std::string::npos);
  EXPECT_NE(parseError({"m", "--threads"}).find("expects a value, N"),
            std::string::npos);
  EXPECT_NE(parseError({"m", "--reference=1"}).find("takes no value"),
            std::string::npos);
}

TEST(CommandLine, readsHelpWithoutOperands) {
  EXPECT_TRUE(parse({"--help"}).has("help"));
  EXPECT_TRUE(parse({"-h"}).has("help"));
  EXPECT_TRUE(parse({"--version"}).has("version"));
}

TEST(CommandLine, checksNumbers) {
  EXPECT_EQ(*parse({"m", "--threads=8"}).getInt("threads", 1, 1, 8), 8);
  EXPECT_EQ(*parse({"m"}).getInt("threads", 3, 1, 8), 3);
  for (const char *text : {"0", "9", "", "2x", "99999999999999999999"})
    EXPECT_FALSE(parse({"m", std::string("--threads=") + text})
                     .getInt("threads", 1, 1, 8))
        << text;
  EXPECT_EQ(*parse({"m", "--rtol=1e-3"}).getNumber("rtol", 0), 1e-3);
  for (const char *text : {"-1", "nan", "inf", "", "1,5"})
    EXPECT_FALSE(
        parse({"m", std::string("--rtol=") + text}).getNumber("rtol", 0))
        << text;
}

TEST(CommandLine, suggestsOnlySimilarWords) {
  EXPECT_EQ(findSimilar("tset", {"run", "test", "eval"}), "test");
  EXPECT_EQ(findSimilar("x", {"run", "test"}), "");
  EXPECT_EQ(findSimilar("completely-different", {"run", "test"}), "");
}

TEST(CommandLine, helpHasEveryOptionAndAnExample) {
  const std::string text = helpText(spec(), "nnc run");
  for (const OptionSpec &option : spec().options)
    EXPECT_NE(text.find(option.help), std::string::npos) << option.name;
  EXPECT_NE(text.find("example:\n  run m"), std::string::npos);
}
