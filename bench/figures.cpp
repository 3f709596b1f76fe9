#include "bench/figures.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "http/json.h"

namespace onsale::bench {
namespace {

/// Nothing for what was not measured.
std::string cell(const std::optional<double>& value, int decimals, std::string_view unit = {}) {
  return value ? fmt::format("{:.{}f}{}", *value, decimals, unit) : "";
}

std::string percent(const std::optional<double>& share) {
  return share ? cell(100 * *share, 1, " %") : "";
}

std::string change(double now, double before) {
  return before > 0 ? fmt::format("{:+.1f} %", 100 * (now / before - 1)) : "";
}

const RowFigures* find(const std::optional<Figures>& figures, const RowFigures& row) {
  if (!figures) return nullptr;
  const auto at = std::ranges::find_if(figures->rows, [&](const RowFigures& other) {
    return other.store == row.store && other.name == row.name;
  });
  return at == figures->rows.end() ? nullptr : &*at;
}

/// The text after `name` and a colon in a file such as /proc/cpuinfo; empty if there is none.
std::string field_of(const char* file, std::string_view name) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    if (!line.starts_with(name) || colon == std::string::npos) continue;
    const auto begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return {};
}

}  // namespace

std::string table_of(const Figures& figures, const std::optional<Figures>& against) {
  constexpr const char* line = "{:<11}{:<30}{:>11}{:>9}{:>9}{:>9}{:>9}{:>7}{:>9}{:>8}{}\n";
  std::string text = fmt::format("{}, {} connections\n", figures.machine, figures.connections);
  text += fmt::format(fmt::runtime(line), "store", "", "requests/s", "of livez", "p50 ms", "p99 ms",
                      "p99.9 ms", "errors", "cpu us", "MiB",
                      against ? fmt::format("{:>12}{:>12}", "since then", "of livez") : "");
  for (const RowFigures& row : figures.rows) {
    std::string since;
    if (const RowFigures* before = find(against, row)) {
      since = fmt::format("{:>12}{:>12}", change(row.per_second, before->per_second),
                          change(row.of_livez.value_or(0), before->of_livez.value_or(0)));
    }
    text += fmt::format(fmt::runtime(line), row.store, row.name,
                        fmt::format("{:.0f}", row.per_second), percent(row.of_livez),
                        cell(row.p50_ms, 2), cell(row.p99_ms, 2), cell(row.p999_ms, 2), row.errors,
                        cell(row.cpu_us, 1), cell(row.mebibytes, 0), since);
  }
  return text;
}

void write_figures(const Figures& figures, const std::string& file) {
  std::ofstream out(file);
  out << http::write(figures) << '\n';
  out.close();
  if (!out) throw std::runtime_error(file + " cannot be written");
}

Figures read_figures(const std::string& file) {
  std::ifstream in(file);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  if (!in) throw std::runtime_error(file + " cannot be read");
  auto figures = http::parse<Figures>(text, http::Unknown::ignore);
  if (!figures) throw std::runtime_error(file + " is not of this program");
  return *std::move(figures);
}

std::string this_machine() {
  utsname system{};
  ::uname(&system);
  const std::string memory = field_of("/proc/meminfo", "MemTotal");
  const double gibibytes = memory.empty() ? 0 : std::stod(memory) / (1 << 20);
  return fmt::format("{}, {} cores, {:.0f} GiB, Linux {}", field_of("/proc/cpuinfo", "model name"),
                     std::thread::hardware_concurrency(), gibibytes, system.release);
}

}  // namespace onsale::bench
