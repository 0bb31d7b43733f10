// The forms in which code is kept, and what is said of those that can't be.
//
// RUN: nnc compile %s --target=cuda:sm_80 --gpu-image=ptx -o %t.so
// RUN: grep -q '^.target sm_80' %t.so
// RUN: nnc compile %s --target=cuda:sm_80,cuda:sm_90 --gpu-image=ptx,bitcode -o %t.so
// RUN: grep -q '^.target sm_80' %t.so
// RUN: grep -q '^.target sm_90' %t.so
// RUN: nnc compile %s --target=cuda:sm_80 --fallback=cpu -o %t.so 2>&1 | FileCheck %s --check-prefix=BOTH
// BOTH: nnc: targets cuda:sm_80, host
// RUN: not nnc compile %s --target=cuda:sm_80 --fallback=gpu -o %t.so 2>&1 | FileCheck %s --check-prefix=FALLBACK
// FALLBACK: error: --fallback expects cpu, but found 'gpu'
// RUN: not nnc compile %s --target=cuda:sm_80 --gpu-image=ptx,elf -o %t.so 2>&1 | FileCheck %s --check-prefix=KIND
// KIND: error: --gpu-image: expects cubin, ptx or bitcode, several by comma, but found 'elf'
// RUN: not nnc compile %s --target=x86-64-v3 -o %t.ptx 2>&1 | FileCheck %s --check-prefix=PTX
// PTX: error: ptx is the code of a GPU, but the target is 'x86-64-v3'; name one such as cuda:sm_80
// RUN: not nnc compile %s --target=cuda:sm_80 -o %t.s 2>&1 | FileCheck %s --check-prefix=ASM
// ASM: error: the target 'cuda:sm_80' is a GPU, whose assembly is ptx
// RUN: not nnc compile %s --target=cuda:sm_70 -o %t.so 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: error: --target: unknown target 'cuda:sm_70'; known are {{.*}}cuda:sm_80, cuda:sm_90, cuda:sm_90a, cuda:sm_120
// RUN: env CUDA_HOME=/nonexistent nnc compile %s --target=cuda:sm_80 --gpu-image=cubin -o %t.so > %t.txt 2>&1 || FileCheck %s --check-prefix=CUBIN --input-file=%t.txt
// CUBIN: a cubin needs the program ptxas
//
// A module says for what it is lowered.
// RUN: nnc compile %s --target=cuda:sm_80 --compile-to=llvm -o %t.mlir
// RUN: not nnc compile %t.mlir --target=x86-64-v3 -o %t.so 2>&1 | FileCheck %s --check-prefix=OTHER
// OTHER: error: the module is lowered for a GPU, but the target is 'x86-64-v3'
// RUN: nnc compile %s --target=x86-64-v3 --compile-to=llvm -o %t.mlir
// RUN: not nnc compile %t.mlir --target=cuda:sm_80 -o %t.so 2>&1 | FileCheck %s --check-prefix=CPU
// CPU: error: the module is lowered for a CPU, but the target is 'cuda:sm_80'
//
// Costs are those of the GPU.
// RUN: nnc compile %s --target=cuda:sm_90 --gpu-image=ptx -o %t.so --report=%t.json
// RUN: FileCheck %s --check-prefix=REPORT --input-file=%t.json
// REPORT: "predicted_us": {{[0-9.]+}}
// REPORT: "target": "cuda:sm_90"
//
// The library says what it lacks.
// RUN: env NNC_CUDA_DRIVER=/nonexistent/libcuda.so not nnc run %t.so --random-seed=1 2>&1 | FileCheck %s --check-prefix=DRIVER
// DRIVER: error: {{.*}}no driver of an NVIDIA GPU: /nonexistent/libcuda.so: cannot open shared object file{{.*}}; install it, or compile the model with --fallback=cpu
// RUN: nnc compile %s --target=cuda:sm_80 --fallback=cpu -o %t.so
// RUN: env NNC_CUDA_DRIVER=/nonexistent/libcuda.so nnc run %t.so --random-seed=1 --output=y=@%t.npy
// RUN: nnc run %s --reference --random-seed=1 --expected=y=@%t.npy

func.func @main(%x: tensor<64xf32> {nn.name = "x"}) -> (tensor<64xf32> {nn.name = "y"}) attributes {nn.entry} {
  %y = nn.tanh %x : tensor<64xf32> -> tensor<64xf32>
  return %y : tensor<64xf32>
}
