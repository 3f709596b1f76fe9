#include <algorithm>
#include <mutex>
#include <utility>

#include "domain/require.h"
#include "store/loading.h"
#include "store/memory/shared.h"
#include "store/memory/source.h"
#include "store/memory/writing.h"

namespace onsale::store::memory {
namespace {

using namespace domain;

class MemoryWriter final : public Writer {
 public:
  explicit MemoryWriter(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  MemoryWriter(const MemoryWriter&) = delete;
  MemoryWriter& operator=(const MemoryWriter&) = delete;
  ~MemoryWriter() override { MemoryWriter::abandon(); }

  Result<void> load(const Footprint& need, Rows& rows) override {
    require(!open_, "a batch is open already");
    if (!shared_->turn.take(turn_timeout)) {
      return std::unexpected(Error{Failure::unavailable, "another lane's batch does not end"});
    }
    open_ = true;
    const std::shared_lock lock(shared_->mutex);
    const MemorySource source(shared_->tables);
    Loader(source, rows).load(need);
    return {};
  }

  Result<void> load_first_waiting(RoomId room, std::int64_t count, Rows& rows) override {
    require(open_, "no batch is open");
    const std::shared_lock lock(shared_->mutex);
    const MemorySource source(shared_->tables);
    Loader(source, rows).first_waiting(room, count);
    return {};
  }

  Result<JournalId> commit(const Rows& rows, BatchId batch, Timestamp now) override {
    require(open_, "no batch is open");
    const Ending ending(*this);
    try {
      const std::lock_guard lock(shared_->mutex);
      return Writing(shared_->tables, now).write(rows, batch);
    } catch (const Violation& violation) {
      return std::unexpected(Error{Failure::constraint, violation.constraint});
    }
  }

  void abandon() override {
    if (std::exchange(open_, false)) shared_->turn.give_back();
  }

  Result<std::optional<JournalId>> find_batch(BatchId batch) override {
    const std::shared_lock lock(shared_->mutex);
    const auto at = shared_->tables.batches.find(batch);
    if (at == shared_->tables.batches.end()) return std::nullopt;
    return at->second;
  }

  Result<std::optional<Timestamp>> next_due() override {
    const std::shared_lock lock(shared_->mutex);
    const Tables& t = shared_->tables;
    std::optional<Timestamp> due;
    if (!t.holds_by_expiry.empty()) due = t.holds_by_expiry.begin()->first;
    if (!t.deadlines.empty())
      due = std::min(due.value_or(Timestamp::max()), t.deadlines.begin()->first);
    return due;
  }

  bool leads() noexcept override { return true; }

  Result<std::size_t> purge_idempotency(Timestamp before, std::size_t limit) override {
    const std::lock_guard lock(shared_->mutex);
    std::size_t purged = 0;
    for (auto at = shared_->tables.idempotency.begin();
         at != shared_->tables.idempotency.end() && purged < limit;) {
      if (at->second.created_at < before) {
        at = shared_->tables.idempotency.erase(at);
        ++purged;
      } else {
        ++at;
      }
    }
    return purged;
  }

 private:
  /// commit() ends the batch in any case.
  struct Ending {
    explicit Ending(MemoryWriter& of) : writer(of) {}
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;
    ~Ending() { writer.abandon(); }
    MemoryWriter& writer;
  };

  std::shared_ptr<Shared> shared_;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<Writer> make_writer(std::shared_ptr<Shared> shared) {
  return std::make_unique<MemoryWriter>(std::move(shared));
}

}  // namespace onsale::store::memory
