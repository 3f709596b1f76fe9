// Why a command was refused, as the problem that says so: the same for every API, which only
// differ in how they word it. No problem means that the command did what it was asked to.
#pragma once

#include <optional>

#include "domain/reservation.h"
#include "domain/waiting_room.h"
#include "domain/wallet.h"
#include "engine/engine.h"
#include "http/problem.h"

namespace onsale::api {

using Refused = std::optional<http::Problem>;

/// `engine` tells where in line somebody stands who was not admitted.
[[nodiscard]] Refused refusal_of(const domain::HoldOutcome& outcome, engine::Engine& engine,
                                 domain::UserId user);
[[nodiscard]] Refused refusal_of(const domain::EnterOutcome& outcome);
[[nodiscard]] Refused refusal_of(const domain::PayOutcome& outcome);
[[nodiscard]] Refused refusal_of(const domain::PayAllOutcome& outcome);
[[nodiscard]] Refused refusal_of(const domain::ChargeOutcome& outcome,
                                 const domain::Policy& policy);

/// The problem of a request that names a user who does not exist.
[[nodiscard]] http::Problem unknown_user();

}  // namespace onsale::api
