//===----------------------------------------------------------------------===//
// Matrix products and einsum.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Case.h"

#include <map>

using namespace nncsmith;

static ElementType productType(Case &c) {
  return c.random.chance(0.8)
             ? c.floatType()
             : c.random.pick({ElementType::I32, ElementType::I64,
                              ElementType::U32, ElementType::U64});
}

static void makeGemm(Case &c) {
  Random &random = c.random;
  c.op("Gemm");
  ElementType type = productType(c);
  int64_t m = c.dim(), n = c.dim(), k = c.dim();
  bool left = random.chance(0.5), right = random.chance(0.5);
  c.attr("transA", int64_t(left));
  c.attr("transB", int64_t(right));
  if (random.chance(0.5))
    c.attr("alpha", double(random.between(-2, 3)));
  if (random.chance(0.5))
    c.attr("beta", double(random.between(-2, 3)));
  c.data(c.tensor(type, left ? Shape{k, m} : Shape{m, k}));
  c.data(c.tensor(type, right ? Shape{n, k} : Shape{k, n}));
  if (random.chance(0.7))
    c.data(c.tensor(
        type, random.pick<Shape>({{m, n}, {1, n}, {n}, {m, 1}, {1}, {}})));
}

void nncsmith::makeMatMul(Case &c) {
  Random &random = c.random;
  c.looseness = 16;
  if (random.chance(0.35))
    return makeGemm(c);
  c.op("MatMul");
  ElementType type = productType(c);
  int64_t m = c.dim(), n = c.dim(), k = c.dim();
  Shape batch = c.shape(0, 3, 12);
  Shape left = c.broadcastable(batch), right = c.broadcastable(batch);
  if (random.chance(0.15))
    left = {k};
  else
    left.insert(left.end(), {m, k});
  if (random.chance(0.15))
    right = {k};
  else
    right.insert(right.end(), {k, n});
  c.data(c.tensor(type, left));
  c.data(c.tensor(type, right));
}

void nncsmith::makeEinsum(Case &c) {
  Random &random = c.random;
  c.op("Einsum");
  c.looseness = 16;
  std::string equation = random.pick<const char *>({"ij->ji",
                                                    "ij,jk->ik",
                                                    "ij,jk",
                                                    "bij,bjk->bik",
                                                    "...ij,...jk->...ik",
                                                    "ii->i",
                                                    "ii",
                                                    "ii->",
                                                    "i,j->ij",
                                                    "ij->",
                                                    "ij->j",
                                                    "bhqd,bhkd->bhqk",
                                                    "ij,ij->ij",
                                                    "ij,ij->",
                                                    "abc,cd,def->abef",
                                                    "i,i",
                                                    "bi,oij,bj->bo",
                                                    "a...b->b...a",
                                                    "ij,kl->ijkl",
                                                    "abij,bjka->ik",
                                                    "...->...",
                                                    "iji->j",
                                                    " i j , j k -> i k ",
                                                    "...i,...i->...",
                                                    "ijk,jil->kl"});
  c.attr("equation", equation);
  ElementType type = productType(c);
  std::map<char, int64_t> sizes;
  Shape ellipsis = c.shape(0, 2, 6);
  auto give = [&](const std::string &labels) {
    Shape shape;
    for (size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] == '.') {
        shape.insert(shape.end(), ellipsis.begin(), ellipsis.end());
        i += 2;
      } else if (labels[i] != ' ') {
        auto known = sizes.find(labels[i]);
        if (known == sizes.end())
          known = sizes.emplace(labels[i], std::min<int64_t>(c.dim(), 6)).first;
        shape.push_back(known->second);
      }
    }
    c.data(c.tensor(type, shape));
  };
  std::string left = equation.substr(0, equation.find("->"));
  for (size_t begin = 0; begin <= left.size();) {
    size_t end = std::min(left.find(',', begin), left.size());
    give(left.substr(begin, end - begin));
    begin = end + 1;
  }
}
