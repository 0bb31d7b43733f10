// RUN: nnc-opt %s --nnc-target-device | FileCheck %s

// CHECK: module attributes {nn.device}
module {
}
