#include "store/memory/store.h"

#include <mutex>
#include <string>
#include <utility>

#include "store/memory/shared.h"
#include "store/memory/writing.h"

namespace onsale::store::memory {
namespace {

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(Access access) : access_(access) {}

  Result<std::unique_ptr<Writer>> writer() override {
    if (access_ == Access::read_only) {
      return std::unexpected(Error{Failure::unavailable, "memory: is open for reading only"});
    }
    return make_writer(shared_);
  }

  Result<std::unique_ptr<Reader>> reader() override { return make_reader(shared_); }

  Result<std::string> secret(std::string_view name, std::string_view if_absent) override {
    const std::lock_guard lock(shared_->mutex);
    return shared_->tables.secrets.try_emplace(std::string(name), if_absent).first->second;
  }

  Result<void> fill_from(Reader& from) override {
    Tables filled;
    for (const auto& [id, account] : filled.accounts) note(filled, account, false);
    filled.accounts.clear();
    filled.rooms.clear();
    try {
      const auto read = each_part(from, [&](const Part& part) { Writing(filled, {}).write(part); });
      if (!read) return read;
    } catch (const Violation& violation) {
      return std::unexpected(Error{Failure::constraint, violation.constraint});
    }
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->tables.users.empty() || !shared_->tables.journal.empty()) {
      return std::unexpected(Error{Failure::unavailable, "memory: is not empty"});
    }
    shared_->tables = std::move(filled);
    return {};
  }

  bool has_other_writers() const override { return false; }

  std::string describe() const override { return "memory:"; }

 private:
  Access access_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace

std::unique_ptr<Store> open(Access access) { return std::make_unique<MemoryStore>(access); }

}  // namespace onsale::store::memory
