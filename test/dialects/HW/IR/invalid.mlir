// RUN: nnc-opt %s -split-input-file -verify-diagnostics

// expected-error@+1 {{expects lanes of 1 to 64, but got 0}}
module attributes {a.a = #hw.tiling<lanes = 0, rows = 8, vectors = 2>} {}

// -----

// expected-error@+1 {{expects lanes of 1 to 64, but got 65}}
module attributes {a.a = #hw.tiling<lanes = 65, rows = 8, vectors = 2>} {}

// -----

// expected-error@+1 {{expects rows of 1 to 64, but got -1}}
module attributes {a.a = #hw.tiling<lanes = 16, rows = -1, vectors = 2>} {}

// -----

// expected-error@+1 {{expects rows of 1 to 64, but got 65}}
module attributes {a.a = #hw.tiling<lanes = 16, rows = 65, vectors = 2>} {}

// -----

// expected-error@+1 {{expects vectors of 1 to 64, but got 0}}
module attributes {a.a = #hw.tiling<lanes = 16, rows = 8, vectors = 0>} {}

// -----

// expected-error@+1 {{expects vectors of 1 to 64, but got 65}}
module attributes {a.a = #hw.tiling<lanes = 16, rows = 8, vectors = 65>} {}

// -----

// expected-error@+1 {{expects m_block of 0 or more, but got -1}}
module attributes {a.a = #hw.tiling<lanes = 16, rows = 8, vectors = 2, m_block = -1>} {}

// -----

// expected-error@+1 {{expects n_block of 0 or more, but got -1}}
module attributes {a.a = #hw.tiling<lanes = 16, rows = 8, vectors = 2, n_block = -1>} {}

// -----

// expected-error@+1 {{expects k_block of 0 or more, but got -1}}
module attributes {a.a = #hw.tiling<lanes = 16, rows = 8, vectors = 2, k_block = -1>} {}

// -----

// expected-error@+1 {{struct is missing required parameter: vectors}}
module attributes {a.a = #hw.tiling<lanes = 16, rows = 8>} {}

// -----

// expected-error@+1 {{expects m_block of whole tiles of 3 rows, but got 5}}
func.func private @block() attributes {t = #hw.tiling<lanes = 4, rows = 3, vectors = 1, m_block = 5>}
