// One command on its way through a batch, whatever its type, with the idempotency rule
// around it: a write that was executed under a key is answered again, not done again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "domain/footprint.h"
#include "domain/policy.h"
#include "domain/rows.h"

namespace onsale::engine {

/// Why a command was not decided. None of these left anything behind; except that after a
/// connection to the database broke in a commit and could not be asked about it, `unavailable`
/// may be said of something that happened: an idempotency key makes trying again safe.
enum class Refusal {
  overloaded,     ///< the queue is full: try again shortly
  draining,       ///< the server is going down
  unavailable,    ///< the store cannot write now (disk full, read-only, gone)
  key_in_flight,  ///< the same idempotency key is being worked on
  key_mismatch,   ///< the key was used before for a different request
  internal,       ///< a bug; it has been logged
};

/// The answer that an idempotency key already has.
struct StoredAnswer {
  int status = 0;
  std::string body;
};

template <class Command>
using OutcomeOf = decltype(decide(std::declval<domain::Rows&>(), std::declval<const Command&>(),
                                  domain::Timestamp{}, std::declval<const domain::Policy&>()));

/// What a submitter gets: the durable outcome, or the earlier answer, or a refusal.
template <class Outcome>
using Reply = std::variant<Outcome, StoredAnswer, Refusal>;

/// Asks that a command be executed at most once under a key.
template <class Outcome>
struct Idempotency {
  domain::IdempotencyKey key;
  std::string fingerprint;  ///< hash of the request; another one under the same key is refused
  /// Words the answer to be kept. Called on the committer's thread, before the commit, and
  /// only if the outcome was executed.
  std::function<StoredAnswer(const Outcome&)> word;
};

/// A command in the queue. Made on any thread, then used by the committer alone.
class Job {
 public:
  virtual ~Job() = default;
  /// Both may be called again when a batch is retried.
  virtual void add_footprint(const domain::Policy& policy, domain::Footprint& need) const = 0;
  virtual void run(domain::Rows& rows, domain::Timestamp now, const domain::Policy& policy) = 0;
  /// Exactly one of these two is called, once, last.
  virtual void answer() = 0;
  virtual void refuse(Refusal why) = 0;
  [[nodiscard]] virtual const domain::IdempotencyKey* key() const { return nullptr; }
};

template <class Command>
class JobOf final : public Job {
 public:
  using Outcome = OutcomeOf<Command>;
  /// Called on the committer's thread; must be quick and must not throw.
  using Done = std::move_only_function<void(Reply<Outcome>)>;

  JobOf(Command command, std::optional<Idempotency<Outcome>> idempotency, Done done)
      : command_(std::move(command)),
        idempotency_(std::move(idempotency)),
        done_(std::move(done)),
        reply_(Refusal::internal) {}

  void add_footprint(const domain::Policy& policy, domain::Footprint& need) const override {
    footprint(command_, policy, need);
    if (idempotency_) need.idempotency_keys.push_back(idempotency_->key);
  }

  void run(domain::Rows& rows, domain::Timestamp now, const domain::Policy& policy) override {
    if (idempotency_ && answered_before(rows, now)) return;
    Outcome outcome = decide(rows, command_, now, policy);
    if (idempotency_ && outcome.executed()) remember(rows, outcome, now);
    reply_ = std::move(outcome);
  }

  void answer() override { done_(std::move(reply_)); }
  void refuse(Refusal why) override { done_(Reply<Outcome>(why)); }
  [[nodiscard]] const domain::IdempotencyKey* key() const override {
    return idempotency_ ? &idempotency_->key : nullptr;
  }

 private:
  bool answered_before(const domain::Rows& rows, domain::Timestamp now) {
    const auto found = rows.idempotency.find(idempotency_->key);
    if (found == rows.idempotency.end()) return false;
    const domain::IdempotencyRecord& record = found->second;
    if (record.created_at + domain::idempotency_kept <= now) return false;
    if (record.fingerprint == idempotency_->fingerprint) {
      reply_ = StoredAnswer{record.status, record.body};
    } else {
      reply_ = Refusal::key_mismatch;
    }
    return true;
  }

  void remember(domain::Rows& rows, const Outcome& outcome, domain::Timestamp now) {
    StoredAnswer words = idempotency_->word(outcome);
    domain::IdempotencyRecord record{.key = idempotency_->key,
                                     .fingerprint = idempotency_->fingerprint,
                                     .status = words.status,
                                     .body = std::move(words.body),
                                     .created_at = now};
    rows.idempotency.insert_or_assign(record.key, record);
    rows.new_idempotency.push_back(std::move(record));
  }

  Command command_;
  std::optional<Idempotency<Outcome>> idempotency_;
  Done done_;
  Reply<Outcome> reply_;
};

}  // namespace onsale::engine
