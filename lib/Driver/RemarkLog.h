//===----------------------------------------------------------------------===//
// What passes say that they have done, or not.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_REMARKLOG_H
#define NNC_LIB_DRIVER_REMARKLOG_H

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/JSON.h"

#include <memory>

namespace mlir::nnc::driver {

/// Collects the remarks of a context.
class RemarkLog {
public:
  RemarkLog();
  ~RemarkLog();
  RemarkLog(const RemarkLog &) = delete;
  RemarkLog &operator=(const RemarkLog &) = delete;

  /// From now on collects what passes on `context` remark. The log may be gone
  /// before the context. Fails if the context does not take it.
  LogicalResult attach(MLIRContext &context);
  /// Ends collecting.
  void stop();

  /// [{"pass": "kern-fuse-epilogues", "name": "Epilogue", "outcome":
  /// "declined", "nodes": ["conv1"], "text": "the result is read elsewhere
  /// too", "metrics":
  /// {}}]: by pass, then node, whatever the order in which threads have met
  /// them. The outcome is "applied", "declined" (it could have been done),
  /// "failed" or "analysis"; metrics are texts.
  llvm::json::Array toJson() const;

private:
  struct State;
  std::shared_ptr<State> state;
};

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_REMARKLOG_H
