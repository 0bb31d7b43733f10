//===----------------------------------------------------------------------===//
// A lowered module by hand, and helpers of the tests of the CPU target.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "TestModule.h"

#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Parser/Parser.h"
#include "nnc/Runtime/nnc.hpp"
#include "llvm/Support/FileSystem.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

using namespace mlir;
using namespace mlir::nnc;

static const char *const functions = R"mlir(
  llvm.func @nncrt_input(!llvm.ptr, i32) -> !llvm.ptr
  llvm.func @nncrt_input_dim(!llvm.ptr, i32, i32) -> i64
  llvm.func @nncrt_output(!llvm.ptr, i32, !llvm.ptr) -> !llvm.ptr
  llvm.func @nncrt_weights(!llvm.ptr) -> !llvm.ptr
  llvm.func @nncrt_status(!llvm.ptr) -> i32
  llvm.func @nncrt_parallel(!llvm.ptr, i32, !llvm.ptr, !llvm.ptr)
  llvm.func @expf(f32) -> f32

  llvm.func @load(%args: !llvm.ptr, %which: i64, %at: i64) -> f32 {
    %p = llvm.getelementptr %args[%which] : (!llvm.ptr, i64) -> !llvm.ptr, i64
    %base = llvm.load %p : !llvm.ptr -> !llvm.ptr
    %q = llvm.getelementptr %base[%at] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    %v = llvm.load %q : !llvm.ptr -> f32
    llvm.return %v : f32
  }
  llvm.func @store(%args: !llvm.ptr, %which: i64, %at: i64, %v: f32) {
    %p = llvm.getelementptr %args[%which] : (!llvm.ptr, i64) -> !llvm.ptr, i64
    %base = llvm.load %p : !llvm.ptr -> !llvm.ptr
    %q = llvm.getelementptr %base[%at] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    llvm.store %v, %q : f32, !llvm.ptr
    llvm.return
  }
  llvm.func @add(%args: !llvm.ptr, %begin: i64, %end: i64, %s: !llvm.ptr) {
    %0 = llvm.mlir.constant(0 : i64) : i64
    %1 = llvm.mlir.constant(1 : i64) : i64
    %2 = llvm.mlir.constant(2 : i64) : i64
    %3 = llvm.mlir.constant(3 : i64) : i64
    llvm.br ^head(%begin : i64)
  ^head(%i: i64):
    %more = llvm.icmp "slt" %i, %end : i64
    llvm.cond_br %more, ^body, ^exit
  ^body:
    %x = llvm.call @load(%args, %0, %i) : (!llvm.ptr, i64, i64) -> f32
    %y = llvm.call @load(%args, %1, %i) : (!llvm.ptr, i64, i64) -> f32
    %w = llvm.call @load(%args, %2, %i) : (!llvm.ptr, i64, i64) -> f32
    %xy = llvm.fadd %x, %y : f32
    %z = llvm.fadd %xy, %w : f32
    llvm.call @store(%args, %3, %i, %z) : (!llvm.ptr, i64, i64, f32) -> ()
    %next = llvm.add %i, %1 : i64
    llvm.br ^head(%next : i64)
  ^exit:
    llvm.return
  }
  llvm.func @exp(%args: !llvm.ptr, %begin: i64, %end: i64, %s: !llvm.ptr) {
    %0 = llvm.mlir.constant(0 : i64) : i64
    %1 = llvm.mlir.constant(1 : i64) : i64
    llvm.br ^head(%begin : i64)
  ^head(%i: i64):
    %more = llvm.icmp "slt" %i, %end : i64
    llvm.cond_br %more, ^body, ^exit
  ^body:
    %x = llvm.call @load(%args, %0, %i) : (!llvm.ptr, i64, i64) -> f32
    %e = llvm.call @expf(%x) : (f32) -> f32
    llvm.call @store(%args, %1, %i, %e) : (!llvm.ptr, i64, i64, f32) -> ()
    %next = llvm.add %i, %1 : i64
    llvm.br ^head(%next : i64)
  ^exit:
    llvm.return
  }
  llvm.func @run_main(%c: !llvm.ptr) -> i32 {
    %zero = llvm.mlir.constant(0 : i32) : i32
    %one = llvm.mlir.constant(1 : i32) : i32
    %four = llvm.mlir.constant(4 : i32) : i32
    %five = llvm.mlir.constant(5 : i64) : i64
    %args = llvm.alloca %four x i64 : (i32) -> !llvm.ptr
    %dims = llvm.alloca %one x i64 : (i32) -> !llvm.ptr
    llvm.store %five, %dims : i64, !llvm.ptr
    %z = llvm.call @nncrt_output(%c, %zero, %dims) : (!llvm.ptr, i32, !llvm.ptr) -> !llvm.ptr
    %null = llvm.mlir.zero : !llvm.ptr
    %bad = llvm.icmp "eq" %z, %null : !llvm.ptr
    llvm.cond_br %bad, ^fail, ^go
  ^fail:
    %status = llvm.call @nncrt_status(%c) : (!llvm.ptr) -> i32
    llvm.return %status : i32
  ^go:
    %x = llvm.call @nncrt_input(%c, %zero) : (!llvm.ptr, i32) -> !llvm.ptr
    %y = llvm.call @nncrt_input(%c, %one) : (!llvm.ptr, i32) -> !llvm.ptr
    %ws = llvm.call @nncrt_weights(%c) : (!llvm.ptr) -> !llvm.ptr
    %w = llvm.getelementptr %ws[64] : (!llvm.ptr) -> !llvm.ptr, i8
    %a1 = llvm.getelementptr %args[1] : (!llvm.ptr) -> !llvm.ptr, i64
    %a2 = llvm.getelementptr %args[2] : (!llvm.ptr) -> !llvm.ptr, i64
    %a3 = llvm.getelementptr %args[3] : (!llvm.ptr) -> !llvm.ptr, i64
    llvm.store %x, %args : !llvm.ptr, !llvm.ptr
    llvm.store %y, %a1 : !llvm.ptr, !llvm.ptr
    llvm.store %w, %a2 : !llvm.ptr, !llvm.ptr
    llvm.store %z, %a3 : !llvm.ptr, !llvm.ptr
    llvm.call @nncrt_parallel(%c, %zero, %args, %dims) : (!llvm.ptr, i32, !llvm.ptr, !llvm.ptr) -> ()
    llvm.return %zero : i32
  }
  llvm.func @run_exp(%c: !llvm.ptr) -> i32 {
    %zero = llvm.mlir.constant(0 : i32) : i32
    %one = llvm.mlir.constant(1 : i32) : i32
    %two = llvm.mlir.constant(2 : i32) : i32
    %args = llvm.alloca %two x i64 : (i32) -> !llvm.ptr
    %dims = llvm.alloca %one x i64 : (i32) -> !llvm.ptr
    %n = llvm.call @nncrt_input_dim(%c, %zero, %zero) : (!llvm.ptr, i32, i32) -> i64
    llvm.store %n, %dims : i64, !llvm.ptr
    %e = llvm.call @nncrt_output(%c, %zero, %dims) : (!llvm.ptr, i32, !llvm.ptr) -> !llvm.ptr
    %null = llvm.mlir.zero : !llvm.ptr
    %bad = llvm.icmp "eq" %e, %null : !llvm.ptr
    llvm.cond_br %bad, ^fail, ^go
  ^fail:
    %status = llvm.call @nncrt_status(%c) : (!llvm.ptr) -> i32
    llvm.return %status : i32
  ^go:
    %x = llvm.call @nncrt_input(%c, %zero) : (!llvm.ptr, i32) -> !llvm.ptr
    %a1 = llvm.getelementptr %args[1] : (!llvm.ptr) -> !llvm.ptr, i64
    llvm.store %x, %args : !llvm.ptr, !llvm.ptr
    llvm.store %e, %a1 : !llvm.ptr, !llvm.ptr
    llvm.call @nncrt_parallel(%c, %one, %args, %dims) : (!llvm.ptr, i32, !llvm.ptr, !llvm.ptr) -> ()
    llvm.return %zero : i32
  }
}
)mlir";

std::string nnctest::moduleText(const std::string &weights,
                                int64_t weightsBytes) {
  return R"mlir(
module attributes {nn.artifact = {
  entries = [
    {name = "main", function = @run_main,
     inputs = [{name = "x", type = tensor<5xf32>},
               {name = "y \"*/", type = tensor<5xf32>}],
     outputs = [{name = "z", type = tensor<5xf32>}],
     arena_bytes = 0 : i64, scratch_bytes = 64 : i64, lifetimes = array<i64>,
     num_slots = 0 : i64, num_pool_slots = 0 : i64},
    {name = "exp", function = @run_exp,
     inputs = [{name = "x", type = tensor<?xf32>, dim_names = ["n"]}],
     outputs = [{name = "e", type = tensor<?xf32>, dim_names = [""]}],
     arena_bytes = 256 : i64, scratch_bytes = 0 : i64,
     lifetimes = array<i64: 0, 1, 1, 2>, num_slots = 2 : i64,
     num_pool_slots = 3 : i64}],
  kernels = [
    {name = "add_0", nodes = "Add_0\nAdd_1", phases = [@add], flops = 10 : i64,
     bytes = 80 : i64, us = 1.5 : f64, bound = 2 : i64},
    {name = "exp_0", nodes = "Exp_0", phases = [@exp]}],
  weights = )mlir" +
         weights + ", weights_bytes = " + std::to_string(weightsBytes) +
         " : i64}} {" + functions;
}

std::string nnctest::moduleText() {
  return moduleText(
      "[{offset = 0 : i64, data = dense<7> : tensor<3xi8>,"
      "  type = tensor<3xi8>},"
      " {offset = 64 : i64, type = tensor<5xf32>,"
      "  data = dense<[1.0, 2.0, 3.0, 4.0, 5.0]> : tensor<5xf32>}]",
      84);
}

std::string nnctest::moduleTextWith(const std::string &from,
                                    const std::string &to) {
  std::string text = moduleText();
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  for (; at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

nnctest::TestModule::TestModule(const std::string &text) {
  context.loadDialect<LLVM::LLVMDialect, nn::NNDialect>();
  module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    ADD_FAILURE() << "the module does not parse";
}

ArtifactInfo nnctest::TestModule::info() {
  llvm::Expected<ArtifactInfo> info = readArtifactInfo(*module);
  if (info)
    return *info;
  ADD_FAILURE() << messageOf(info.takeError());
  return {};
}

mlir::nnc::TargetOptions nnctest::target(llvm::StringRef name) {
  llvm::Expected<mlir::nnc::TargetOptions> options = resolveTarget(name);
  if (!options) {
    ADD_FAILURE() << messageOf(options.takeError());
    return {};
  }
  options->runtimeArchive = NNC_TEST_ARCHIVE;
  return *options;
}

static std::string makeFolder() {
  llvm::SmallString<128> path;
  EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("nnc-target-test", path));
  return path.str().str();
}

nnctest::Folder::Folder() : path(makeFolder()) {}
nnctest::Folder::~Folder() { llvm::sys::fs::remove_directories(path); }

std::vector<std::string> nnctest::Folder::list() const {
  std::vector<std::string> names;
  std::error_code code;
  for (llvm::sys::fs::directory_iterator i(path, code), end; i != end && !code;
       i.increment(code))
    names.push_back(i->path().substr(path.size() + 1));
  std::sort(names.begin(), names.end());
  return names;
}

std::string nnctest::readFile(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string nnctest::messageOf(llvm::Error error) {
  return error ? llvm::toString(std::move(error)) : std::string();
}

void nnctest::expectGoodResults(const nnc_model *model, int32_t threads) {
  ASSERT_EQ(nnc_model_num_entries(model), 2u);
  nnc_context_options options = {};
  options.struct_size = sizeof options;
  options.threads = threads;
  nnc_error error = {};
  nnc_context *context = nullptr;
  ASSERT_EQ(nnc_context_create(model, &options, &context, &error), NNC_OK)
      << error.message;
  const float x[5] = {1, -2, 3, -4, 0.5f}, y[5] = {10, 20, 30, 40, 50};
  float z[5] = {};
  nnc_value inputs[] = {::nnc::tensor(x, {5}), ::nnc::tensor(y, {5})};
  nnc_value output = ::nnc::tensor(z, {5});
  EXPECT_EQ(nnc_context_run(context, 0, inputs, 2, &output, 1, &error), NNC_OK)
      << error.message;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(z[i], x[i] + y[i] + float(i + 1));
  for (int64_t n : {0, 1, 3, 5}) {
    std::fill(z, z + 5, -1.0f);
    inputs[0] = ::nnc::tensor(x, {n});
    output = ::nnc::tensor(z, {n});
    EXPECT_EQ(nnc_context_run(context, 1, inputs, 1, &output, 1, &error),
              NNC_OK)
        << error.message;
    for (int64_t i = 0; i < 5; ++i)
      EXPECT_FLOAT_EQ(z[i], i < n ? std::exp(x[i]) : -1.0f);
  }
  nnc_context_destroy(context);
}
