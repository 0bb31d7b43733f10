/*===----------------------------------------------------------------------===//
// How fast the processor is right now, for benchmarks on machines that are
// disturbed for seconds: a fixed amount of arithmetic in registers. In C, since
// the comparison with other runtimes uses it, too.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===*/
#ifndef NNC_RUNNER_CALIBRATION_H
#define NNC_RUNNER_CALIBRATION_H

#include <time.h>

/** Measurements at less than this share of the best speed seen are of a
    disturbed machine. */
#define NNC_CALIBRATION_SHARE 0.97

/** Steps of one calibration, a few milliseconds. */
#define NNC_CALIBRATION_STEPS 1500000

/** Four numbers in a register. */
typedef float nnc_float4 __attribute__((vector_size(16)));

/** Milliseconds on a clock that never goes back. */
static inline double nnc_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/** Runs the arithmetic once; its speed in GFLOP/s. */
static inline double nnc_calibrate(void) {
  volatile float factor = 0.999f, sink;
  const float f = factor;
  const nnc_float4 m = {f, f, f, f};
  /* Eight chains of multiply-add hide the latency of one. */
  nnc_float4 a = m, b = m + m, c = a + b, d = b + b;
  nnc_float4 e = d + a, g = d + b, h = d + c, i = d + d;
  const double begin = nnc_now_ms();
  for (int step = 0; step < NNC_CALIBRATION_STEPS; ++step) {
    a = a * m + m;
    b = b * m + m;
    c = c * m + m;
    d = d * m + m;
    e = e * m + m;
    g = g * m + m;
    h = h * m + m;
    i = i * m + m;
  }
  a = a + b + c + d + e + g + h + i;
  sink = a[0] + a[1] + a[2] + a[3];
  (void)sink;
  return 2e-6 * 8 * 4 * NNC_CALIBRATION_STEPS / (nnc_now_ms() - begin);
}

#endif /* NNC_RUNNER_CALIBRATION_H */
