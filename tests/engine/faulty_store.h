// A store that fails on command, around a real one: what the committer makes of a full disk,
// a lost race, a connection that breaks in the commit, or a guard that refuses a batch.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "store/store.h"

namespace onsale::test {

enum class Fault {
  none,
  commit_unavailable,     ///< every commit fails until it is lifted
  conflict_once,          ///< the next commit fails as a lost race
  refused_once,           ///< the next commit is refused by a guard
  unknown_but_committed,  ///< the next commit happens, but its answer is lost
  unknown_not_committed,  ///< the next commit does not happen, and nobody says so
};

class FaultyStore final : public store::Store {
 public:
  explicit FaultyStore(std::unique_ptr<store::Store> real) : real_(std::move(real)) {}

  std::atomic<Fault> fault = Fault::none;
  /// A batch that holds this seat is refused by a guard. Zero: none.
  std::atomic<std::int64_t> poisoned_seat = 0;
  /// So is one that changes a visit of this user, or in this room.
  std::atomic<std::int64_t> poisoned_user = 0;
  std::atomic<std::int64_t> poisoned_room = 0;
  std::atomic<int> commits = 0;
  bool others_write = false;
  /// Commits wait while this is set.
  std::atomic<bool> stalled = false;
  std::atomic<int> waiting = 0;  ///< commits that do

  store::Result<std::unique_ptr<store::Writer>> writer() override {
    auto real = real_->writer();
    if (!real) return std::unexpected(real.error());
    return std::make_unique<FaultyWriter>(*this, std::move(*real));
  }
  store::Result<std::unique_ptr<store::Reader>> reader() override { return real_->reader(); }
  store::Result<std::string> secret(std::string_view name, std::string_view if_absent) override {
    return real_->secret(name, if_absent);
  }
  store::Result<void> fill_from(store::Reader& from) override { return real_->fill_from(from); }
  [[nodiscard]] bool has_other_writers() const override { return others_write; }
  [[nodiscard]] std::string describe() const override { return "faulty " + real_->describe(); }

 private:
  class FaultyWriter final : public store::Writer {
   public:
    FaultyWriter(FaultyStore& owner, std::unique_ptr<store::Writer> real)
        : owner_(owner), real_(std::move(real)) {}

    store::Result<void> load(const domain::Footprint& need, domain::Rows& rows) override {
      return real_->load(need, rows);
    }
    store::Result<void> load_first_waiting(domain::RoomId room, std::int64_t count,
                                           domain::Rows& rows) override {
      return real_->load_first_waiting(room, count, rows);
    }
    store::Result<domain::JournalId> commit(const domain::Rows& rows, store::BatchId batch,
                                            domain::Timestamp now) override {
      ++owner_.waiting;
      owner_.stalled.wait(true);
      --owner_.waiting;
      ++owner_.commits;
      if (holds_poison(rows)) return fail(store::Failure::constraint);
      switch (owner_.fault.load()) {
        case Fault::none:
          return real_->commit(rows, batch, now);
        case Fault::commit_unavailable:
          return fail(store::Failure::unavailable);
        case Fault::conflict_once:
          owner_.fault = Fault::none;
          return fail(store::Failure::conflict);
        case Fault::refused_once:
          owner_.fault = Fault::none;
          return fail(store::Failure::constraint);
        case Fault::unknown_but_committed: {
          owner_.fault = Fault::none;
          auto done = real_->commit(rows, batch, now);
          if (!done) return done;
          return std::unexpected(store::Error{store::Failure::unknown, "answer lost"});
        }
        case Fault::unknown_not_committed:
          owner_.fault = Fault::none;
          return fail(store::Failure::unknown);
      }
      std::unreachable();
    }
    void abandon() override { real_->abandon(); }
    store::Result<std::optional<domain::JournalId>> find_batch(store::BatchId batch) override {
      return real_->find_batch(batch);
    }
    store::Result<std::optional<domain::Timestamp>> next_due() override {
      return real_->next_due();
    }
    bool leads() noexcept override { return real_->leads(); }
    store::Result<std::size_t> purge_idempotency(domain::Timestamp before,
                                                 std::size_t limit) override {
      return real_->purge_idempotency(before, limit);
    }

   private:
    std::unexpected<store::Error> fail(store::Failure failure) {
      real_->abandon();
      return std::unexpected(store::Error{failure, "injected"});
    }
    [[nodiscard]] bool holds_poison(const domain::Rows& rows) const {
      for (const auto& entry : rows.seats.entries()) {
        if (entry.row.id.value == owner_.poisoned_seat && entry.state != domain::RowState::loaded) {
          return true;
        }
      }
      for (const auto& entry : rows.visitors.entries()) {
        const bool poison = entry.row.user.value == owner_.poisoned_user ||
                            entry.row.room.value == owner_.poisoned_room;
        if (poison && entry.state != domain::RowState::loaded) return true;
      }
      return false;
    }

    FaultyStore& owner_;
    std::unique_ptr<store::Writer> real_;
  };

  std::unique_ptr<store::Store> real_;
};

}  // namespace onsale::test
