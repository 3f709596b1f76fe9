// What the endpoints work with. Built once by app/, handed down by reference, shared by all
// I/O threads; everything in it may be used from any thread.
#pragma once

#include <string>

#include "api/entry_guard.h"
#include "api/receipts.h"
#include "api/store_reads.h"
#include "engine/engine.h"
#include "http/access_token.h"
#include "http/metrics.h"
#include "http/router.h"
#include "http/work_pool.h"
#include "store/store.h"

namespace onsale::api {

struct Services {
  engine::Engine& engine;
  StoreReads& reads;
  const http::AccessTokens& tokens;
  const SigningKey& receipts;  ///< of receipts and draw lists
  EntryGuard& entry;           ///< who may take a place
  http::WorkPool& hashing;     ///< password hashes: tens of milliseconds each
  http::WorkPool& rendering;   ///< large seat maps and plans: milliseconds each
  http::Metrics& metrics;
  std::string currency = "KRW";  ///< of every amount in this box office
  const store::Store& store;     ///< for how it is beside its answers
};

/// The native API under /v1.
void add_v1_routes(http::Router& router, Services& services);

/// /livez, /readyz, /metrics, /openapi.json and the pages under /problems/. To be called last:
/// the document and the pages cover the routes that are there by then.
void add_operation_routes(http::Router& router, Services& services);

}  // namespace onsale::api
