//===----------------------------------------------------------------------===//
// Conversions of 16-bit floats that the code generator calls by name where a
// CPU has no instruction; compilers' own support libraries are not linked.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_RUNTIME_HALFFLOAT_H
#define NNC_LIB_RUNTIME_HALFFLOAT_H

#if defined(__x86_64__)
extern "C" {

/// A 16-bit float travels in the low bits of a vector register: declared as a
/// `float` of the same low bits, as not every compiler has the types.
float __extendhfsf2(float half);
float __truncsfhf2(float value);
float __truncdfhf2(double value);
float __truncsfbf2(float value);
float __truncdfbf2(double value);
}
#endif

#endif // NNC_LIB_RUNTIME_HALFFLOAT_H
