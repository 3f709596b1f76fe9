#include "store/postgres/store.h"

#include <fmt/format.h>

#include "store/postgres/schema.h"
#include "store/postgres/shared.h"

namespace onsale::store::postgres {
namespace {

/// Host and database, for messages.
std::string name_of(const std::string& url) {
  std::string host = "localhost";
  std::string database;
  struct Free {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
  };
  const std::unique_ptr<PQconninfoOption, Free> options(PQconninfoParse(url.c_str(), nullptr));
  for (const auto* option = options.get(); option && option->keyword; ++option) {
    const std::string_view key = option->keyword;
    if (!option->val) continue;
    if (key == "host") host = option->val;
    if (key == "dbname") database = option->val;
  }
  return fmt::format("postgresql://{}/{}", host, database);
}

class PostgresStore final : public Store {
 public:
  PostgresStore(std::string name, std::shared_ptr<const Shared> shared)
      : name_(std::move(name)), shared_(std::move(shared)) {}

  Result<std::unique_ptr<Writer>> writer() override {
    if (!shared_->leadership) return refuse("is open for reading only");
    return named(guarded([&] { return make_writer(shared_); }));
  }
  Result<std::unique_ptr<Reader>> reader() override {
    return named(guarded([&] { return make_reader(shared_); }));
  }

  Result<std::string> secret(std::string_view name, std::string_view if_absent) override {
    constexpr const char* find_sql = "select value from secrets where name = $1";
    constexpr const char* keep_sql =
        "insert into secrets (name, value) values ($1, $2) on conflict do nothing";
    auto found = named(guarded([&]() -> std::optional<std::string> {
      Connection db(shared_->url);
      Answer answer = db.query(find_sql, Values(name));
      if (answer.size() == 0 && shared_->leadership) {
        (void)db.query(keep_sql, Values(name, if_absent));
        answer = db.query(find_sql, Values(name));
      }
      if (answer.size() == 0) return std::nullopt;
      return answer.row(0).next<std::string>();
    }));
    if (!found) return std::unexpected(found.error());
    if (!*found) return refuse("has no such secret and is open for reading only");
    return **std::move(found);
  }

  bool has_other_writers() const override { return true; }

  std::string describe() const override { return name_; }

 private:
  std::unexpected<Error> refuse(std::string_view message) const {
    return std::unexpected(Error{Failure::unavailable, fmt::format("{}: {}", name_, message)});
  }
  template <class T>
  Result<T> named(Result<T> result) const {
    if (!result) result.error().message = fmt::format("{}: {}", name_, result.error().message);
    return result;
  }

  std::string name_;
  std::shared_ptr<const Shared> shared_;
};

}  // namespace

Result<std::unique_ptr<Store>> open(const std::string& url, Access access) {
  auto shared = std::make_shared<Shared>(Shared{.url = url, .leadership = nullptr});
  const auto opened = guarded([&] {
    Connection db(url);
    if (access == Access::read_only) return expect_newest_schema(db);
    shared->leadership = std::make_unique<Leadership>(url);
    migrate(db);
  });
  const std::string name = name_of(url);
  if (!opened) {
    return std::unexpected(
        Error{opened.error().failure, fmt::format("{}: {}", name, opened.error().message)});
  }
  return std::make_unique<PostgresStore>(name, std::move(shared));
}

}  // namespace onsale::store::postgres
