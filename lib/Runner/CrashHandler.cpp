//===----------------------------------------------------------------------===//
// Crashes become exit code 5.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/CommandLine.h"

#include <csignal>
#include <cstring>
#include <unistd.h>

using namespace nncrun;

static const int crashSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
/// What the handler prints; written before it is installed.
static int wordCount = 0;
static char **wordList = nullptr;
/// A stack that is left when the other has overflowed.
static char handlerStack[64 * 1024];

static void put(const char *text) {
  ssize_t written = ::write(STDERR_FILENO, text, std::strlen(text));
  static_cast<void>(written);
}

/// A word as a shell takes it.
static void putQuoted(const char *word) {
  bool plain = *word != 0;
  for (const char *c = word; *c; ++c)
    plain &= std::strchr("'\"\\$`*?[]{}()<>|&;!#~ \t\n", *c) == nullptr;
  if (plain)
    return put(word);
  put("'");
  for (const char *c = word; *c; ++c) {
    char text[2] = {*c, 0};
    put(*c == '\'' ? "'\\''" : text);
  }
  put("'");
}

static void onCrash(int signal) {
  char number[3] = {char('0' + signal / 10), char('0' + signal % 10), 0};
  put("error: internal error (signal ");
  put(number);
  put("); reproduce with:");
  for (int i = 0; i < wordCount; ++i) {
    put(" ");
    putQuoted(wordList[i]);
  }
  put("\n");
  _exit(ExitInternal);
}

void nncrun::installCrashHandler(int argc, char **argv) {
  wordCount = argc;
  wordList = argv;
  stack_t stack = {};
  stack.ss_sp = handlerStack;
  stack.ss_size = sizeof(handlerStack);
  sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_handler = onCrash;
  action.sa_flags = SA_ONSTACK;
  for (int signal : crashSignals)
    sigaction(signal, &action, nullptr);
}

void nncrun::removeCrashHandler() {
  for (int number : crashSignals)
    std::signal(number, SIG_DFL);
}
