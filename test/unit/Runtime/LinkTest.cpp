//===----------------------------------------------------------------------===//
// What the archive asks for and what a library with it inside exports.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include <gtest/gtest.h>

#include <cstdio>
#include <set>
#include <sstream>
#include <string>

namespace {

/// Symbols that `nm` lists, by name: those that are undefined and the others.
struct Symbols {
  std::set<std::string> undefined, defined;

  Symbols(const std::string &options, const std::string &file) {
    std::string command =
        "'" NNC_TEST_NM "' -P " + options + " '" + file + "' 2>&1";
    FILE *pipe = popen(command.c_str(), "r");
    char line[4096];
    while (pipe && fgets(line, sizeof line, pipe)) {
      std::istringstream words(line);
      std::string name, kind;
      if (words >> name >> kind && kind.size() == 1)
        (kind == "U" || kind == "w" ? undefined : defined).insert(name);
    }
    EXPECT_TRUE(pipe && pclose(pipe) == 0) << command;
  }
};

TEST(Archive, NeedsNoCxxLibrary) {
  Symbols symbols("", NNC_TEST_ARCHIVE);
  ASSERT_TRUE(symbols.defined.count("nnc_context_run"));
  ASSERT_TRUE(symbols.undefined.count("malloc"));
  bool hasMemory = false;
  for (const std::string &name : symbols.defined)
    hasMemory |= name.find("greedyBySize") != std::string::npos;
  EXPECT_TRUE(hasMemory) << "the memory library is not inside";
  for (const std::string &name : symbols.undefined) {
    if (symbols.defined.count(name))
      continue;
    EXPECT_NE(name.rfind("_Z", 0), 0u) << name;
    EXPECT_NE(name.rfind("__cxa", 0), 0u) << name;
    EXPECT_NE(name.rfind("__gxx", 0), 0u) << name;
    EXPECT_NE(name.rfind("_Unwind", 0), 0u) << name;
  }
}

TEST(SharedModel, ExportsOnlyItsTable) {
  Symbols symbols("-D --defined-only", NNC_TEST_FOLDER "/NNCTestModelGood.so");
  for (const char *linker : {"_init", "_fini", "_edata", "_end", "__bss_start"})
    symbols.defined.erase(linker);
  EXPECT_EQ(symbols.defined, std::set<std::string>{"nnc_library"});
}

} // namespace
