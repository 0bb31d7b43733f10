//===----------------------------------------------------------------------===//
// Models of several variants: which one is chosen, and what is said if none is.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "FakeModel.h"

namespace {

const char *const impossible[] = {"warp-drive", nullptr};
const char *const alien[] = {"tractor-beam", nullptr};

/// The fake model for another CPU.
nncrt_model variant(const char *target, const char *const *features,
                    const nncrt_model *next = nullptr) {
  nncrt_model model = fake::tables();
  model.target = target;
  if (features)
    model.cpu_features = features;
  model.next = next;
  return model;
}

struct Choice {
  nnc_status status;
  const nncrt_model *model = nullptr;
  std::string message;
};

Choice choose(const nncrt_model &first, const char *target = nullptr) {
  Choice choice;
  nnc_error error = {};
  choice.status = nncrt_select_variant(&first, target, &choice.model, &error);
  choice.message = error.message;
  EXPECT_EQ(error.status, choice.status);
  return choice;
}

TEST(Variants, TakesTheFirstThatRuns) {
  nncrt_model last = variant("triple last", nullptr);
  nncrt_model good = variant("triple good", nullptr, &last);
  nncrt_model best = variant("triple best", impossible, &good);
  Choice choice = choose(best);
  EXPECT_EQ(choice.status, NNC_OK);
  EXPECT_EQ(choice.model, &good);
  EXPECT_EQ(choice.message, "");
}

TEST(Variants, NamesWhatTheLastOneLacks) {
  nncrt_model last = variant("triple last", alien);
  nncrt_model first = variant("triple first", impossible, &last);
  Choice choice = choose(first);
  EXPECT_EQ(choice.status, NNC_UNSUPPORTED_CPU);
  EXPECT_EQ(choice.model, nullptr);
  EXPECT_NE(choice.message.find("'tractor-beam'"), std::string::npos);
}

TEST(Variants, TakesTheOneThatIsNamed) {
  nncrt_model last = variant("triple last", nullptr);
  nncrt_model good = variant("triple good", nullptr, &last);
  nncrt_model best = variant("best", impossible, &good);
  EXPECT_EQ(choose(best, "last").model, &last);
  EXPECT_EQ(choose(best, "good").model, &good);
  EXPECT_EQ(choose(best, "best").status, NNC_UNSUPPORTED_CPU);
  Choice none = choose(best, "triple");
  EXPECT_EQ(none.status, NNC_INVALID_ARGUMENT);
  EXPECT_EQ(none.message, "the model has no variant for the target 'triple'");
}

TEST(Variants, ChecksAllTables) {
  nncrt_model bad = variant("triple bad", nullptr);
  bad.magic = 1;
  nncrt_model first = variant("triple first", nullptr, &bad);
  EXPECT_EQ(choose(first).status, NNC_INVALID_MODEL);
}

TEST(Variants, EndsInACircle) {
  nncrt_model first = variant("triple first", impossible);
  first.next = &first;
  Choice choice = choose(first);
  EXPECT_EQ(choice.status, NNC_INVALID_MODEL);
  EXPECT_EQ(choice.message, "the model has more than 64 variants");
}

TEST(Variants, ContextsAndQueriesUseIt) {
  nncrt_model good = variant("triple good", nullptr);
  nncrt_model best = variant("triple best", impossible, &good);
  nnc_error error = {};
  nnc_model *model = nullptr;
  ASSERT_EQ(nncrt_model_wrap(&best, &model, &error), NNC_OK) << error.message;
  EXPECT_STREQ(nnc_model_target(model), "triple good");
  nnc_model_close(model);
  fake::Context context(nnc::Context::options(), best);
  size_t bytes = 0;
  EXPECT_EQ(nncrt_workspace_bytes(&best, fake::staticEntry, nullptr, 0, 1,
                                  &bytes, &error),
            NNC_OK)
      << error.message;
  EXPECT_GT(bytes, size_t(0));
  EXPECT_EQ(nnc_model_target(nullptr), nullptr);
}

} // namespace
