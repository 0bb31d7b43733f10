/*
 * A shared library that is no compiled model.
 *
 * Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
 */
int nnc_test_answer(void);
int nnc_test_answer(void) { return 42; }
