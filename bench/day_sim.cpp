// A day and a night of a large on-sale in virtual time: a million people, of whom a third
// stands before the door when it opens, with changes of the limits, a pause, revocations and
// two crashes, audited at every step (src/sim). Prints what happened and how long it took.
//
// ONSALE_SIM_VISITORS and ONSALE_SIM_SEED play a smaller day or another one.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "sim/rehearsal.h"

namespace onsale::bench {
namespace {

std::int64_t number_from(const char* variable, std::int64_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::strtoll(text, nullptr, 10) : otherwise;
}

void day(benchmark::State& state) {
  const auto seed = static_cast<std::uint64_t>(number_from("ONSALE_SIM_SEED", 1));
  sim::Report report;
  for (auto _ : state) report = sim::rehearse(sim::large_day(seed, state.range(0)));
  std::cout << report.text();
  if (!report.clean()) state.SkipWithError("the auditor found something");
  state.counters["visits"] = static_cast<double>(report.audit.entered);
  state.counters["commands/s"] =
      benchmark::Counter(static_cast<double>(report.commands), benchmark::Counter::kIsRate);
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RegisterBenchmark("day/visitors", onsale::bench::day)
      ->Arg(onsale::bench::number_from("ONSALE_SIM_VISITORS", 1'000'000))
      ->Iterations(1)
      ->Unit(benchmark::kSecond);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
