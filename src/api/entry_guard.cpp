#include "api/entry_guard.h"

#include "api/problems.h"
#include "api/services.h"
#include "engine/views/catalogue.h"
#include "http/json.h"

namespace onsale::api {
namespace {

using http::Problem;

constexpr std::chrono::seconds in_use_retry{1};

Problem too_many(domain::Duration wait, domain::Timestamp now) {
  return Problem(http::problems::kTooManyRequests,
                 "So many have entered from this address; the next may at `next_at`.")
      .with("next_at", http::format_timestamp(now + wait))
      .with_retry_after(wait);
}

/// The problem is a challenge itself, so that a client hands it on as it is.
Problem work_required(Flaw flaw, Challenge challenge) {
  return Problem(problems::proof_of_work_required, std::string(explain(flaw)))
      .with("reason", std::string(to_text(flaw)))
      .with("algorithm", std::move(challenge.algorithm))
      .with("challenge", std::move(challenge.challenge))
      .with("maxnumber", challenge.maxnumber)
      .with("salt", std::move(challenge.salt))
      .with("signature", std::move(challenge.signature));
}

}  // namespace

EntryGuard::EntryGuard(std::string_view secret, EntryLimits limits)
    : proxies_(std::move(limits.proxies)), altcha_(secret, limits.challenge_lifetime) {
  if (limits.entries_per_address_per_minute > 0) {
    rate_.emplace(limits.entries_per_address_per_minute);
  }
}

std::string EntryGuard::network(const http::Request& request) const {
  return network_of(client_of(request, proxies_));
}

Challenge EntryGuard::challenge(const http::Request& request, domain::RoomId room,
                                std::int64_t work, domain::Timestamp now) const {
  const Solver solver{.room = room,
                      .user = {request.identity ? request.identity->user_id : 0},
                      .network = network(request)};
  return altcha_.challenge(solver, work, now);
}

std::expected<EntryPass, Problem> EntryGuard::admit(const http::Request& request,
                                                    const Newcomer& newcomer, std::int64_t work,
                                                    domain::Timestamp now,
                                                    EntryRate::Moment moment) {
  EntryPass pass(*this);
  const Solver solver{.room = newcomer.room, .user = newcomer.user, .network = network(request)};
  // The rate first: nobody is to work for an entry that is not to be had.
  if (rate_) {
    if (const auto wait = rate_->take(solver.network, moment)) {
      return std::unexpected(too_many(*wait, now));
    }
    pass.network_ = solver.network;
  }
  if (work > 0) {
    const auto use = altcha_.take(newcomer.solution, solver, work, now);
    if (!use && use.error() == Flaw::in_use) {
      return std::unexpected(
          Problem(problems::request_in_flight, std::string(explain(Flaw::in_use)))
              .with_retry_after(in_use_retry));
    }
    if (!use) {
      return std::unexpected(work_required(use.error(), altcha_.challenge(solver, work, now)));
    }
    pass.use_ = *use;
  }
  return pass;
}

EntryPass::~EntryPass() {
  if (!guard_) return;
  if (network_) guard_->rate_->give_back(*network_);
  if (use_) guard_->altcha_.give_back(*use_);
}

void EntryPass::entered() {
  if (guard_ && use_) guard_->altcha_.spend(*use_);
  guard_ = nullptr;
}

std::optional<std::int64_t> entry_work(Services& services, domain::RoomId room) {
  const auto catalogue = services.engine.views().catalogue();
  const auto found = catalogue->rooms.find(room);
  if (found == catalogue->rooms.end()) return std::nullopt;
  return found->second.policy.over(services.engine.policy().room).entry_work;
}

std::expected<EntryPass, Problem> admit(Services& services, const http::Request& request,
                                        const Newcomer& newcomer) {
  const auto catalogue = services.engine.views().catalogue();
  const auto found = catalogue->rooms.find(newcomer.room);
  if (found == catalogue->rooms.end()) return EntryPass();
  const domain::WaitingRoom& room = found->second;
  const std::int64_t work = room.policy.over(services.engine.policy().room).entry_work;
  if (!services.entry.asks(work)) return EntryPass();
  const auto now = services.engine.now();
  const auto present = services.engine.visitor_of(newcomer.user, newcomer.room);
  if (present && present->visitor.live_at(now)) return EntryPass::of_present();
  if (room.state == domain::RoomState::closed) {
    return std::unexpected(Problem(problems::room_closed));
  }
  return services.entry.admit(request, newcomer, work, now, std::chrono::steady_clock::now());
}

}  // namespace onsale::api
