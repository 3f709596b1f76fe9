// The figures of `./dev bench`: as a table, as JSON, and beside those of an earlier run.
#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace onsale::bench {

/// One row, each figure the median of its rounds, but the errors of all of them together. Requests
/// that were refused as they should be (a seat that is gone) are no errors.
struct RowFigures {
  std::string store;  ///< "SQLite", "PostgreSQL"; "-" for what is none of our servers
  std::string name;
  double per_second = 0;           ///< requests
  std::optional<double> of_livez;  ///< of the same server in the same round, a share
  std::optional<double> p50_ms;
  std::optional<double> p99_ms;
  std::optional<double> p999_ms;
  std::int64_t errors = 0;
  std::optional<double> cpu_us;     ///< of the server, for a request
  std::optional<double> mebibytes;  ///< of the server, after the row
};
BOOST_DESCRIBE_STRUCT(RowFigures, (),
                      (store, name, per_second, of_livez, p50_ms, p99_ms, p999_ms, errors, cpu_us,
                       mebibytes))

struct Figures {
  std::string machine;
  std::string at;  ///< RFC 3339
  std::string version;
  int connections = 0;
  std::vector<RowFigures> rows;
};
BOOST_DESCRIBE_STRUCT(Figures, (), (machine, at, version, connections, rows))

/// With two more columns if there is an earlier run: how the requests per second, and the share of
/// /livez, have changed since.
[[nodiscard]] std::string table_of(const Figures& figures, const std::optional<Figures>& against);

// Both throw std::runtime_error, naming the file.
void write_figures(const Figures& figures, const std::string& file);
[[nodiscard]] Figures read_figures(const std::string& file);

/// "Intel Xeon …, 2 cores, 24 GiB, Linux 6.1".
[[nodiscard]] std::string this_machine();

}  // namespace onsale::bench
