import os
import shutil

import lit.formats

config.name = "nnc"
config.test_format = lit.formats.ShTest()
config.suffixes = [".ll", ".mlir", ".test"]
config.excludes = ["Inputs", "benchmarks", "CMakeLists.txt", "unit", "models"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.nnc_obj_root, "test")
tools = [os.path.join(config.nnc_obj_root, "bin"), config.llvm_tools_dir]
config.environment["PATH"] = os.pathsep.join(tools + [os.environ["PATH"]])
for name, path in [("testdata", config.testdata), ("models", config.shared_models),
                   ("shared-data", config.shared_data)]:
    config.substitutions.append(("%" + name, path))
    if os.path.isdir(path):
        config.available_features.add(name)
    else:
        lit_config.note("skipping tests that need %s: no folder %s" % (name, path))
config.substitutions.append(("%root", config.nnc_src_root))
config.substitutions.append(("%libdir", os.path.join(config.nnc_obj_root, "lib")))
# Code for AArch64 runs by an emulator, with the target's nnc-run and C library.
emulator = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]
config.substitutions.append(("%qemu-aarch64", " ".join(emulator)))
missing = [
    what
    for what, found in [
        ("the program " + emulator[0], shutil.which(emulator[0])),
        ("the folder " + emulator[2], os.path.isdir(emulator[2])),
        ("nnc-run for aarch64", os.path.exists(os.path.join(config.nnc_obj_root, "lib/aarch64/nnc-run"))),
    ]
    if not found
]
if missing:
    lit_config.note("skipping tests that run AArch64: no " + ", no ".join(missing))
else:
    config.available_features.add("aarch64")
# The driver interface over the emulator, for models for GPUs.
fakecuda = lit_config.params.get("fakecuda", os.path.join(config.nnc_obj_root, "lib/libnnc_fakecuda.so"))
config.substitutions.append(("%fakecuda", fakecuda))
if os.path.exists(fakecuda):
    config.available_features.add("fakecuda")
else:
    lit_config.note("skipping tests that run models for GPUs: no file %s" % fakecuda)
# NVIDIA's assembler, as the compiler finds it.
ptxas = shutil.which("ptxas") or shutil.which("ptxas", path="/usr/local/cuda/bin")
if ptxas:
    config.available_features.add("ptxas")
    config.substitutions.append(("%ptxas", ptxas))
else:
    lit_config.note("skipping tests that need the program ptxas")
# The GPU emulator is not for every machine.
if os.path.exists(os.path.join(config.nnc_obj_root, "bin", "nnc-gpuemu")):
    config.available_features.add("gpuemu")
else:
    lit_config.note("skipping tests of the GPU emulator: it is not built")
# Programs that single tests need.
for program in ["chromium", "dpkg-shlibdeps", "pkg-config"]:
    if shutil.which(program):
        config.available_features.add(program)
    else:
        lit_config.note("skipping tests that need the program %s" % program)
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
