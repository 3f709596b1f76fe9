#include "bench/copies.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "bench/support.h"

namespace onsale::bench {
namespace {

/// To the disk now: or the first commits would wait until all of the copy is there.
void write_out(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 || ::fsync(file) != 0) throw std::runtime_error(path + " cannot be written");
  ::close(file);
}

}  // namespace

Copies::Copies(std::string directory, bool with_postgres) : path_(std::move(directory) + "/") {
  if (!with_postgres) return;
  server_ = std::make_unique<PostgresServer>(path_ + "server");
  execute("create database filled");
  const auto from = must(store::open("sqlite:" + path_ + "bench.db", store::Access::read_only));
  const auto to = must(store::open(server_->url("filled"), store::Access::read_write));
  const auto reader = must(from->reader());
  const auto filled = reader->snapshot([&] { return to->fill_from(*reader); });
  if (!filled) throw std::runtime_error(filled.error().message);
}

std::string Copies::fresh(Kind kind, const std::string& name) {
  if (kind == Kind::postgres) {
    execute("drop database if exists " + name + " with (force)");
    execute("create database " + name + " template filled");
    execute("checkpoint");
    return server_->url(name);
  }
  const std::string path = path_ + name + ".db";
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
  std::filesystem::copy_file(path_ + "bench.db", path);
  write_out(path);
  return "sqlite:" + path;
}

void Copies::execute(const std::string& sql) const {
  const auto command = fmt::format("psql -qXc '{}' '{}'", sql, server_->url("postgres"));
  if (std::system(command.c_str()) != 0) throw std::runtime_error(sql);
}

}  // namespace onsale::bench
