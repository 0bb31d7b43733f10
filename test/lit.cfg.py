import os

import lit.formats

config.name = "nnc"
config.test_format = lit.formats.ShTest()
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "benchmarks", "CMakeLists.txt", "unit", "models"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.nnc_obj_root, "test")
tools = [os.path.join(config.nnc_obj_root, "bin"), config.llvm_tools_dir]
config.environment["PATH"] = os.pathsep.join(tools + [os.environ["PATH"]])
for name, path in [("testdata", config.testdata), ("models", config.shared_models)]:
    config.substitutions.append(("%" + name, path))
    if os.path.isdir(path):
        config.available_features.add(name)
    else:
        lit_config.note("skipping tests that need %s: no folder %s" % (name, path))
config.substitutions.append(("%root", config.nnc_src_root))
config.substitutions.append(("%libdir", os.path.join(config.nnc_obj_root, "lib")))
# Targets whose machine code runs here; a level needs what those before it do.
cpu = ""
if os.path.exists("/proc/cpuinfo"):
    with open("/proc/cpuinfo") as file:
        cpu = file.read().split()
for level, needed in [("x86-64-v3", ["avx2", "bmi2", "f16c", "fma"]),
                      ("x86-64-v4", ["avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"])]:
    if not all(flag in cpu for flag in needed):
        break
    config.available_features.add(level)
