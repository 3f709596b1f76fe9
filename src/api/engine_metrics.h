// The engine's counters for Prometheus, read when they are asked for.
#pragma once

#include <string>

#include "engine/engine.h"
#include "store/store.h"

namespace onsale::api {

/// The committer and the waiting rooms in the text exposition format, to follow what
/// http::Metrics::serialize() gives. Any thread.
[[nodiscard]] std::string engine_metrics(const engine::Engine& engine,
                                         const store::Condition& store);

}  // namespace onsale::api
