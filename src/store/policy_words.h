// What was changed of a policy or a room, in words for an operator: "active_sessions_max 20,
// paused".
#pragma once

#include <string>

#include "domain/model.h"

namespace onsale::store {

/// "2026-03-01T10:00:00.000Z".
[[nodiscard]] std::string utc(domain::Timestamp at);

/// The settings that a room makes itself, as they are after the change.
[[nodiscard]] std::string words_of_change(const domain::WaitingRoom& before,
                                          const domain::WaitingRoom& after);
/// The defaults that differ, as they are after the change; empty if none does.
[[nodiscard]] std::string words_of_change(const domain::Policy& before,
                                          const domain::Policy& after);

}  // namespace onsale::store
