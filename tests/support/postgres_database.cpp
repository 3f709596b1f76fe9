#include "tests/support/postgres_database.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace onsale::testing {

namespace {

/// The URL in the file that ONSALE_TEST_POSTGRES names. The file appears when the server does,
/// which is after CMake has run; hence a file and not the URL itself.
std::string postgres_server() {
  const char* path = std::getenv("ONSALE_TEST_POSTGRES");
  if (path == nullptr) throw std::runtime_error("set ONSALE_TEST_POSTGRES (ctest does)");
  std::ifstream file(path);
  std::string url;
  if (!std::getline(file, url)) {
    throw std::runtime_error("ONSALE_TEST_POSTGRES: there is no URL in " + std::string(path) +
                             " (tests/support/postgres writes it)");
  }
  return url;
}

/// `url`, which names a database in its path, with the name of another.
std::string with_database(std::string url, const std::string& name) {
  const std::size_t path = url.find('/', url.find("://") + 3) + 1;
  const std::size_t end = std::min(url.find('?', path), url.size());
  return url.replace(path, end - path, name);
}

}  // namespace

std::string new_postgres_database() {
  static int count = 0;
  const std::string server = postgres_server();
  const std::string name =
      "onsale_test_" + std::to_string(getpid()) + "_" + std::to_string(++count);
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(server.c_str()),
                                                                &PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    throw std::runtime_error(server + ": " + PQerrorMessage(connection.get()));
  }
  // Not from template1: nobody can be connected to template0, which would be in the way.
  const std::string create = "create database \"" + name + "\" template template0";
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(
      PQexec(connection.get(), create.c_str()), &PQclear);
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
    throw std::runtime_error(create + ": " + PQerrorMessage(connection.get()));
  }
  return with_database(server, name);
}

}  // namespace onsale::testing
