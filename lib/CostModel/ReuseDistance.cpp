//===----------------------------------------------------------------------===//
// How long ago a run has touched memory, in bytes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ReuseDistance.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace mlir::nnc;

double ReuseDistances::touch(MemoryPiece piece) {
  int64_t size = piece.end - piece.begin, found = 0;
  if (size <= 0)
    return 0;
  double younger = 0, sum = 0;
  size_t at = pieces.size();
  while (at > 0 && found < size) {
    MemoryPiece &old = pieces[--at];
    int64_t begin = std::max(old.begin, piece.begin);
    int64_t end = std::min(old.end, piece.end);
    int64_t ofOld = old.end - old.begin;
    if (old.buffer == piece.buffer && begin < end) {
      int64_t both = end - begin;
      found += both;
      sum += younger * double(both);
      MemoryPiece after = {old.buffer, end, old.end};
      old.end = begin;
      if (after.begin < after.end)
        pieces.insert(pieces.begin() + at + 1, after);
      ofOld -= both;
    }
    younger += double(ofOld);
  }
  sum += younger * double(size - found);
  if (found)
    llvm::erase_if(
        pieces, [](const MemoryPiece &each) { return each.begin >= each.end; });
  pieces.push_back(piece);
  return sum / double(size) + double(size);
}
